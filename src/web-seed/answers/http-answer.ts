/** The status and the header of an answer over HTTP. */
export class HttpAnswer {
  readonly status: number
  /** Who answered, after redirects. */
  readonly url: URL
  readonly #headers: Readonly<Record<string, string | string[] | undefined>>

  /** Names of `headers` are in lower case. */
  constructor(status: number, url: URL, headers: Readonly<Record<string, string | string[] | undefined>>) {
    this.status = status
    this.url = url
    this.#headers = headers
  }

  /** The value of a header; one that comes several times is joined with commas, as if it had come once. */
  header(name: string): string | undefined {
    const value = Object.hasOwn(this.#headers, name) ? this.#headers[name] : undefined
    return Array.isArray(value) ? value.join(', ') : value
  }
}
