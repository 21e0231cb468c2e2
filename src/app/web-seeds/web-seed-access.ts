/** What web seeds may need of the person's surroundings. */
export interface WebSeedAccess {
  /** Proxies, credentials, object stores and the netrc file are named in it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder from which relative paths lead; absolute. */
  readonly cwd: string
}
