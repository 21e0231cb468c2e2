import { DistroError } from '../base/errors.ts'
import { quoteName } from './quote-name.ts'

/**
 * The one place that decides which names may become files. Names are refused, never changed: a name that would have to be
 * repaired comes from a broken or hostile publisher, and two repaired names can meet.
 */
export interface PathRules {
  /**
   * True accepts every name that POSIX allows: with backslashes, control characters, marks of text direction, names that mean something else
   * on Windows, and beside each other such as some file systems take for the same. Default false.
   */
  readonly takesPosixNames?: boolean
}

/** What is wrong with a path: with itself, with one name in it, or with where it stands beside another. */
export type PathFault =
  | { readonly kind: 'path'; readonly what: string }
  | { readonly kind: 'name'; readonly place: number; readonly name: string; readonly what: string; readonly isUnportable: boolean }
  | { readonly kind: 'collision'; readonly own: PathEntry; readonly rival: PathEntry & { readonly index?: number } }

/** What stands at a path; the folder of it that is meant, or all of it. */
export interface PathEntry {
  readonly path: readonly string[]
  readonly isFolder: boolean
}

/** Throws PATH_REFUSED unless `name` may be one element of a path; `field` says where it stands, for the message. */
export function checkPathElement(name: string, field: string, rules: PathRules = {}): void {
  const fault = nameFault(name, 0, rules)
  if (fault !== undefined) throw nameRefusal(fault, field)
}

/** What is wrong with `name` as one element of a path, in words; undefined if nothing is. */
export function nameDoubt(name: string, rules: PathRules = {}): string | undefined {
  return nameFault(name, 0, rules)?.what
}

/**
 * The file tree of one torrent as it grows: each path is checked by itself and against all before it. Two paths collide when one is a
 * file where the other needs a folder, and, unless every name of POSIX is taken, when some file system takes them for the same: equal
 * without regard to case, Unicode form, invisible characters and trailing dots and spaces.
 */
export class PathTree {
  readonly #rules: PathRules
  readonly #nameOf: (index: number) => string
  readonly #root: Folder = { spelling: '', entries: new Map() }
  readonly #rootBytes: number
  #lastFolders: readonly string[] = []
  #lastFolder: Folder = this.#root

  /** `rootBytes` is the length of the root folder's name; `nameOf` says for messages where the path of file `index` stands. */
  constructor(rules: PathRules, rootBytes: number, nameOf: (index: number) => string) {
    this.#rules = rules
    this.#rootBytes = rootBytes
    this.#nameOf = nameOf
  }

  /** Throws PATH_REFUSED unless `path` is safe and stands apart from every path added before. */
  add(path: readonly string[], index: number): void {
    const fault = this.addOrFault(path, index)
    if (fault === undefined) return
    if (fault.kind === 'name') throw nameRefusal(fault, `${this.#nameOf(index)}[${fault.place}]`)
    const what = fault.kind === 'path' ? fault.what : this.#collisionPhrase(path, fault.rival)
    throw new DistroError('PATH_REFUSED', `${this.#nameOf(index)} ${what}.`, { hint: REPAIR_HINT })
  }

  /** The same, for those who have words of their own: what is wrong with `path`, or undefined, and then it is added. */
  addOrFault(path: readonly string[], index: number): PathFault | undefined {
    if (path.length === 0) return { kind: 'path', what: 'is empty' }
    if (path.length > DEEPEST) return { kind: 'path', what: `has ${path.length} elements, more than ${DEEPEST}` }
    let pathBytes = this.#rootBytes
    for (let place = 0; place < path.length; place++) {
      const element = path[place] as string
      // Folders that the file before stood in have been checked.
      const fault = element === this.#lastFolders[place] || isPlain(element) ? undefined : nameFault(element, place, this.#rules)
      if (fault !== undefined) return fault
      pathBytes += 1 + byteLength(element)
    }
    if (pathBytes > LONGEST_PATH) return { kind: 'path', what: `is ${pathBytes} bytes long with its folder, more than ${LONGEST_PATH}` }
    const folder = this.#enterFolders(path)
    if ('kind' in folder) return folder
    const name = path[path.length - 1] as string
    const key = this.#keyOf(name)
    const other = folder.entries.get(key)
    if (other !== undefined) return collision(path, path.length - 1, other)
    folder.entries.set(key, { spelling: name, index })
    return undefined
  }

  #keyOf(name: string): string {
    return this.#rules.takesPosixNames === true ? name : foldedName(name)
  }

  #enterFolders(path: readonly string[]): Folder | PathFault {
    if (startsWithFolders(path, this.#lastFolders)) return this.#lastFolder
    let folder = this.#root
    for (let place = 0; place < path.length - 1; place++) {
      const spelling = path[place] as string
      const key = this.#keyOf(spelling)
      let next = folder.entries.get(key)
      if (next === undefined) {
        next = { spelling, entries: new Map() }
        folder.entries.set(key, next)
      }
      if (!('entries' in next) || next.spelling !== spelling) return collision(path, place, next)
      folder = next
    }
    this.#lastFolders = path.slice(0, -1)
    this.#lastFolder = folder
    return folder
  }

  #collisionPhrase(path: readonly string[], { path: rival, index }: { readonly path: readonly string[]; readonly index?: number }): string {
    const spelling = quoteName(rival[rival.length - 1] ?? '')
    const other = index === undefined ? `the folder ${spelling}` : `${spelling} of ${this.#nameOf(index)}`
    return `${quoteName(path.join('/'))} collides with ${other}: some systems take them for the same`
  }
}

function collision(path: readonly string[], place: number, other: Folder | Leaf): PathFault {
  const rival = [...path.slice(0, place), other.spelling]
  return {
    kind: 'collision',
    own: { path: path.slice(0, place + 1), isFolder: place < path.length - 1 },
    rival: 'entries' in other ? { path: rival, isFolder: true } : { path: rival, isFolder: false, index: other.index },
  }
}

function nameFault(name: string, place: number, rules: PathRules): (PathFault & { readonly kind: 'name' }) | undefined {
  const fault = faultOf(name) ?? (rules.takesPosixNames === true ? undefined : faultBeyondPosix(name))
  if (fault !== undefined) return { kind: 'name', place, name, what: fault, isUnportable: false }
  const doubt = rules.takesPosixNames === true ? undefined : doubtOf(name)
  return doubt === undefined ? undefined : { kind: 'name', place, name, what: doubt, isUnportable: true }
}

function nameRefusal({ name, what, isUnportable }: PathFault & { readonly kind: 'name' }, field: string): DistroError {
  return new DistroError('PATH_REFUSED', `${field} is ${quoteName(name)}: ${what}.`, { hint: isUnportable ? UNPORTABLE_HINT : REPAIR_HINT })
}

interface Folder {
  readonly spelling: string
  readonly entries: Map<string, Folder | Leaf>
}

interface Leaf {
  readonly spelling: string
  readonly index: number
}

const DEEPEST = 100
const LONGEST_PATH = 4_096
const LONGEST_ELEMENT = 255
const REPAIR_HINT = 'Nothing was written; ask the publisher for a torrent with plain relative names.'
const UNPORTABLE_HINT = 'Nothing was written, since such a name fails on some systems; ask the publisher to rename it.'

const PLAIN = /^[A-Za-z0-9_-](?:[A-Za-z0-9._+@~,=()[\] -]*[A-Za-z0-9_+@~,=()[\]-])?$/
const BEYOND_ASCII = /[^ -~]/
// A zero byte and lone surrogates: neither can stand in a name of UTF-8.
const NO_TEXT = /[\0\p{Cs}]/u
// Control characters, line separators, and the marks that make text run backwards.
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ ]*(?:[.:].*)?$/i

/** True for names that need no closer look; all others are looked at one rule after the other. */
function isPlain(name: string): boolean {
  return name.length <= LONGEST_ELEMENT && PLAIN.test(name) && !DEVICE.test(name)
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'a name cannot be empty'
  if (name === '.' || name === '..') return 'it names another folder'
  if (byteLength(name) > LONGEST_ELEMENT) return `it is ${byteLength(name)} bytes long, more than ${LONGEST_ELEMENT}`
  if (name.includes('/')) return 'a name cannot hold a path separator'
  if (NO_TEXT.test(name)) return 'it holds what no file name can hold'
  return undefined
}

/** What POSIX allows and yet is more often an attack or a mistake than meant. */
function faultBeyondPosix(name: string): string | undefined {
  if (name.includes('\\')) return 'a name cannot hold a path separator, as a backslash is on Windows'
  if (INVISIBLE.test(name)) return 'it holds control characters or marks of text direction'
  if (/^[A-Za-z]:$/.test(name)) return 'it is a drive'
  return undefined
}

function doubtOf(name: string): string | undefined {
  if (name.endsWith('.') || name.endsWith(' ')) return 'Windows drops the dot or space at its end'
  if (DEVICE.test(name)) return 'it is the name of a device on Windows'
  if (/^[A-Za-z]:/.test(name)) return 'Windows reads its start as a drive'
  return undefined
}

/** What a forgiving file system may make of `name`: it may take two names for the same of which this is equal. */
export function foldedName(name: string): string {
  const folded = !BEYOND_ASCII.test(name)
    ? name.toLowerCase()
    : name
        .normalize('NFD')
        .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
        .toUpperCase()
        .toLowerCase()
        .normalize('NFC')
  return /[. ]$/.test(folded) ? folded.replace(/[. ]+$/, '') : folded
}

function byteLength(name: string): number {
  return BEYOND_ASCII.test(name) ? Buffer.byteLength(name, 'utf8') : name.length
}

function startsWithFolders(path: readonly string[], folders: readonly string[]): boolean {
  if (path.length - 1 !== folders.length) return false
  for (let index = folders.length - 1; index >= 0; index--) if (path[index] !== folders[index]) return false
  return true
}
