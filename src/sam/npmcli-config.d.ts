/** The part of npm's configuration reader that we use; the packages carry no types. */
declare module '@npmcli/config' {
  export default class Config {
    constructor(options: {
      readonly npmPath: string
      readonly definitions: unknown
      readonly shorthands: unknown
      readonly flatten: unknown
      readonly nerfDarts: unknown
      readonly env: NodeJS.ProcessEnv
      readonly argv: readonly string[]
      readonly execPath: string
      readonly cwd: string
      readonly warn: boolean
    })
    load(): Promise<void>
    /** Options as npm's own libraries take them. */
    readonly flat: Readonly<Record<string, unknown>>
  }
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const all: {
    readonly definitions: unknown
    readonly shorthands: unknown
    readonly flatten: unknown
    readonly nerfDarts: unknown
  }
  export default all
}
