import { formatCount } from '../../base/format.ts'

/** Names that are kept of them, and that a hint gives; the others are only counted. */
const MOST_NAMED = 6

/** Hosts that hold the tree and are not on the list of those that shall: most likely some of these, under other names or none. */
export class Strangers {
  readonly #names = new Set<string>()
  #count = 0
  #nameless = 0

  /** One more of them holds the tree; undefined for one that told no name. */
  note(name: string | undefined): void {
    this.#count++
    if (name === undefined) this.#nameless++
    else if (this.#names.size < MOST_NAMED) this.#names.add(name)
  }

  /** `2 hosts that are not on the list have it: build-1, build-2.`, and what may be done about it; empty while there are none. */
  get hint(): string {
    if (this.#count === 0) return ''
    const who = formatCount(this.#count, 'host that is not on the list has it', 'hosts that are not on the list have it')
    return `${who}${this.#named()}. If these are the missing ones, fetch there with --host-name and the name on the list, or put the names that they tell on the list.`
  }

  #named(): string {
    const { size } = this.#names
    if (size === 0) return ' and told no name'
    const nameless = this.#nameless === 0 ? '' : `; ${this.#nameless} told no name`
    return `${size === this.#count ? ': ' : ', among them '}${[...this.#names].join(', ')}${nameless}`
  }
}
