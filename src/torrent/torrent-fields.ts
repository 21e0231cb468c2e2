import { fromUtf8 } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import type { BencodeView } from './bencode-view.ts'
import { quoteName } from './quote-name.ts'

/** Reads the fields of one dictionary of a torrent; what is missing or of the wrong kind is named in a TORRENT_INVALID. */
export class TorrentFields {
  readonly #fields: ReadonlyMap<string, BencodeView>
  readonly #path: string

  /** `path` says where the dictionary stands, for messages: `info`, `info.files[3]`. Throws LIMIT_EXCEEDED beyond 1,000 fields. */
  constructor(value: BencodeView | undefined, path: string) {
    if (value === undefined) throw invalidTorrent(`${path} is missing`)
    const fields = value.entries(MOST_FIELDS + 1)
    if (fields === undefined) throw invalidTorrent(`${path} is ${value.kind}, not a dictionary`)
    if (fields.size > MOST_FIELDS) throw beyondLimit(`${path} has more than ${MOST_FIELDS} fields`)
    this.#fields = fields
    this.#path = path
  }

  has(key: string): boolean {
    return this.#fields.has(key)
  }

  /** The field, unread; undefined if there is none. */
  get(key: string): BencodeView | undefined {
    return this.#fields.get(key)
  }

  /** Where the field stands, for messages. */
  nameOf(key: string): string {
    return `${this.#path}.${key}`
  }

  /** A whole number of at least `least`. */
  integer(key: string, least: number): number {
    const field = this.#required(key)
    const value = field.integer()
    if (value === undefined) throw invalidTorrent(`${this.nameOf(key)} is ${field.kind}, not an integer`)
    if (value < least) throw invalidTorrent(`${this.nameOf(key)} is ${value}, less than ${least}`)
    return value
  }

  /** A byte string. */
  bytes(key: string): Uint8Array {
    const field = this.#required(key)
    const value = field.string()
    if (value === undefined) throw invalidTorrent(`${this.nameOf(key)} is ${field.kind}, not a string`)
    return value
  }

  /** A list with at least one element and at most `most`. */
  list(key: string, most: number): readonly BencodeView[] {
    const field = this.#required(key)
    const items = field.items(most + 1)
    if (items === undefined) throw invalidTorrent(`${this.nameOf(key)} is ${field.kind}, not a list`)
    if (items.length === 0) throw invalidTorrent(`${this.nameOf(key)} is empty`)
    if (items.length > most) throw beyondLimit(`${this.nameOf(key)} has more than ${most} entries`)
    return items
  }

  /** The name of a file or folder. The `.utf-8` twin that some programs write beside it must say the same: neither wins silently. */
  name(key: string): string {
    const name = nameFrom(this.bytes(key), () => this.nameOf(key))
    const twin = `${key}.utf-8`
    if (this.has(twin) && nameFrom(this.bytes(twin), () => this.nameOf(twin)) !== name) throw this.#twinsDiffer(key)
    return name
  }

  /** A path as a list of names, with the same rule for its `.utf-8` twin. */
  names(key: string): string[] {
    const names = namesFrom(this.list(key, MOST_NAMES), () => this.nameOf(key))
    const twin = `${key}.utf-8`
    if (this.has(twin) && namesFrom(this.list(twin, MOST_NAMES), () => this.nameOf(twin)).join('\0') !== names.join('\0'))
      throw this.#twinsDiffer(key)
    return names
  }

  /** A list of paths, at least one and at most `most`. */
  nameLists(key: string, most: number): string[][] {
    return this.list(key, most).map((path, index) => {
      const field = `${this.nameOf(key)}[${index}]`
      const names = path.items(MOST_NAMES)
      if (names === undefined) throw invalidTorrent(`${field} is ${path.kind}, not a list`)
      return namesFrom(names, () => field)
    })
  }

  #twinsDiffer(key: string): DistroError {
    const hint = 'One of the two is wrong, and nobody can say which; ask the publisher for a torrent without the .utf-8 field.'
    return new DistroError('PATH_REFUSED', `${this.nameOf(key)} and ${this.nameOf(key)}.utf-8 differ.`, { hint })
  }

  #required(key: string): BencodeView {
    const value = this.#fields.get(key)
    if (value === undefined) throw invalidTorrent(`${this.nameOf(key)} is missing`)
    return value
  }
}

/** A TORRENT_INVALID that says `what` is wrong, in a sentence without its full stop. */
export function invalidTorrent(what: string): DistroError {
  return new DistroError('TORRENT_INVALID', `The torrent is malformed: ${what}.`, { hint: 'Get the torrent again, or ask its publisher.' })
}

/** A LIMIT_EXCEEDED that says what is too large. */
export function beyondLimit(what: string): DistroError {
  return new DistroError('LIMIT_EXCEEDED', `The torrent is too large: ${what}.`, { hint: 'Split the content into several torrents.' })
}

const MOST_FIELDS = 1_000
/** Far more folders inside each other than a path may have, so that `safe-path.ts` is the one to refuse a deep path. */
const MOST_NAMES = 1_000

/** The name that `bytes` spell. Throws PATH_REFUSED for one that is not UTF-8; `field` says where it stands. */
export function nameFrom(bytes: Uint8Array, field: () => string): string {
  // Most names are short and ASCII, and a torrent may have a million of them.
  const name = bytes.length <= 64 && isAscii(bytes) ? String.fromCharCode.apply(null, bytes as unknown as number[]) : fromUtf8(bytes)
  if (name !== undefined) return name
  const shown = quoteName(Buffer.from(bytes).toString('latin1'))
  const hint = 'Ask the publisher to make the torrent again with a program that writes UTF-8.'
  throw new DistroError('PATH_REFUSED', `${field()} is not UTF-8: ${shown}.`, { hint })
}

function namesFrom(list: readonly BencodeView[], field: () => string): string[] {
  return list.map((item, index) => {
    const bytes = item.string()
    if (bytes === undefined) throw invalidTorrent(`${field()}[${index}] is ${item.kind}, not a string`)
    return nameFrom(bytes, () => `${field()}[${index}]`)
  })
}

function isAscii(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if ((bytes[index] as number) > 127) return false
  return true
}
