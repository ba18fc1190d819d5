import { main } from './main.ts'

// Set before anything loads ONNX Runtime, which otherwise writes a telemetry database under the home folder.
process.env.ORT_DISABLE_TELEMETRY = '1'

// `zaoshai --help | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2), process)
