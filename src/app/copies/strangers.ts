import { formatCount } from '../../base/format.ts'
import { quoteName } from '../../torrent/quote-name.ts'

/** Names that a hint gives. */
const MOST_NAMED = 6

/** Hosts that hold the tree and are not on the list of those that shall: most likely some of these, under other names or none. */
export class Strangers {
  /** By id; as many as are counted. */
  readonly #names = new Map<string, string | undefined>()
  #nameless = 0

  /** One more of them holds the tree, and told this name, or none. */
  note(id: string, name: string | undefined): void {
    this.forget(id)
    this.#names.set(id, name)
    if (name === undefined) this.#nameless++
  }

  /** This one, if it was one of them, is on the list. */
  forget(id: string): void {
    const name = this.#names.get(id)
    if (this.#names.delete(id) && name === undefined) this.#nameless--
  }

  /** `2 hosts that are not on the list have it: build-1, build-2.`, and what may be done about it; empty while there are none. */
  get hint(): string {
    const count = this.#names.size
    if (count === 0) return ''
    const who = formatCount(count, 'host that is not on the list has it', 'hosts that are not on the list have it')
    return `${who}${this.#named()}. If these are the missing ones, fetch there with --host-name and the name on the list, or put the names that they tell on the list.`
  }

  #named(): string {
    const count = this.#names.size
    if (this.#nameless === count) return ' and told no name'
    const nameless = this.#nameless === 0 ? '' : `; ${this.#nameless} told no name`
    const named = new Set<string>()
    for (const name of this.#names.values()) {
      if (name !== undefined) named.add(name)
      if (named.size === MOST_NAMED) break
    }
    return `${named.size === count ? ': ' : ', among them '}${[...named].map(plainName).join(', ')}${nameless}`
  }
}

/** Anybody may call itself `web-1, web-2`: what could be taken for several names, or for words of the hint, is quoted. */
function plainName(name: string): string {
  return /^[\p{L}\p{M}\p{N}._:-]+$/u.test(name) ? name : quoteName(name)
}
