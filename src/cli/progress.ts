import { SingleBar } from 'cli-progress'

/** Where people see how far a command is. On a terminal a bar, elsewhere a line now and then; always on stderr. */
export interface Progress {
  /** @param unit what is counted, in the plural; `MB`, `images`, `epochs`. */
  update(label: string, done: number, total: number, unit: string): void
  /** A line that stays, above the bar. */
  line(text: string): void
  stop(): void
}

/** A line at most this often where there is no terminal. */
const LINE_INTERVAL_MS = 5000

export function openProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new BarProgress(stream) : new LineProgress(stream)
}

class LineProgress implements Progress {
  private readonly stream: NodeJS.WritableStream
  private lastLabel = ''
  private lastTime = 0

  constructor(stream: NodeJS.WritableStream) {
    this.stream = stream
  }

  update(label: string, done: number, total: number, unit: string): void {
    const now = performance.now()
    const isNews = label !== this.lastLabel || done >= total
    if (!isNews && now - this.lastTime < LINE_INTERVAL_MS) return
    this.lastLabel = label
    this.lastTime = now
    this.line(`${label}: ${rounded(done)}/${rounded(total)} ${unit}`)
  }

  line(text: string): void {
    this.stream.write(`${text}\n`)
  }

  stop(): void {}
}

class BarProgress implements Progress {
  private readonly stream: NodeJS.WriteStream
  private bar: SingleBar | undefined
  private label = ''

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream
  }

  update(label: string, done: number, total: number, unit: string): void {
    if (this.bar === undefined || label !== this.label) {
      this.stop()
      this.label = label
      this.bar = this.start(total)
    }
    this.bar.setTotal(Math.max(total, 1))
    this.bar.update(done, { label, unit, of: `${rounded(done)}/${rounded(total)}` })
  }

  line(text: string): void {
    this.stop()
    this.stream.write(`${text}\n`)
  }

  stop(): void {
    this.bar?.stop()
    this.bar = undefined
  }

  private start(total: number): SingleBar {
    const bar = new SingleBar({
      stream: this.stream,
      format: '{label} {bar} {of} {unit}  {eta_formatted}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      // The command listens for Ctrl-C itself.
      gracefulExit: false,
      etaBuffer: 20,
    })
    bar.start(Math.max(total, 1), 0, { label: this.label, unit: '', of: '' })
    return bar
  }
}

function rounded(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1)
}
