/** Where a value was written, which decides what a relative path is relative to. */
export interface Place {
  /** Absolute. */
  readonly baseDir: string
}

/** One flag: how it is written, what it means, and how its text becomes a value. */
export interface Option<Value> {
  readonly shape: 'switch' | 'value' | 'list'
  /** What stands for the value in help, such as `FILE`; empty for a switch. */
  readonly placeholder: string
  /** What it does, in a phrase without a full stop. */
  readonly describe: string
  /** Ends the sentence "--flag expects ...". */
  readonly expects: string
  /** The hint where it is given something else; undefined for what it does. */
  readonly advice: string | undefined
  /** The value when nobody gave one. */
  readonly fallback: Value
  /** The fallback in words, for help and `distro config`. */
  readonly fallbackText: string
  readonly choices: readonly string[]
  readonly completes: 'nothing' | 'file' | 'folder'
  /** One-letter form. */
  readonly letter: string | undefined
  /**
   * `anywhere`; `trusted` keeps it out of the config file of the working folder, for what would run a command or lead us to servers;
   * `flag` is for what belongs to one call only.
   */
  readonly givenBy: 'anywhere' | 'trusted' | 'flag'
  /** One text as `distro config` and messages may show it, without what is secret. */
  show(text: string): string
  /** The value of `texts` (one each time the flag was given), or undefined when they are not what is expected. */
  read(texts: readonly string[], place: Place): Value | undefined
}

/** Flags by camel-case name: `pieceLength` is `--piece-length`. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>

/** The values that a table of options yields. */
export type Values<Table extends OptionTable> = { readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never }

/** `piece-length` for `pieceLength`; also the key in config files. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `DISTRO_PIECE_LENGTH` for `pieceLength`. */
export function variableName(name: string): string {
  return `DISTRO_${flagName(name).replaceAll('-', '_').toUpperCase()}`
}
