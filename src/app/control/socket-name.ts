import { createHash } from 'node:crypto'
import { toHex } from '../../base/bytes.ts'
import type { Random } from '../../base/random.ts'
import { ownMachine } from '../../store/process-identity.ts'

/** No letter that is also a hexadecimal digit comes first, so that an id is never taken for the start of an info-hash. */
const FIRST = 'ghjkmnpqrstuvwxyz'
/** None that looks like another. */
const OTHERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const FURTHER = 3

/** What the name of a control socket says: `<id>.<machine>.sock`. */
export interface SocketName {
  readonly id: string
  /** Tells whose socket it is in a folder that several machines share: a socket is only ever heard on its own. */
  readonly machine: string
}

/** A new id for a run: four letters and digits, easily typed. */
export function newRunId(random: Random): string {
  const further = Array.from({ length: FURTHER }, () => OTHERS[random.below(OTHERS.length)])
  return `${FIRST[random.below(FIRST.length)]}${further.join('')}`
}

/** A name that no listing shows, for a socket that nobody may find yet, or any more. */
export function hiddenSocketName(random: Random): string {
  return `.${toHex(random.bytes(6))}`
}

/** True for what `hiddenSocketName` gives. */
export function isHiddenSocketName(name: string): boolean {
  return /^\.[0-9a-f]{12}$/.test(name)
}

export function formatSocketName({ id, machine }: SocketName): string {
  return `${id}.${machine}.sock`
}

/** Undefined for a file that is no control socket. */
export function parseSocketName(name: string): SocketName | undefined {
  const [, id, machine] = /^([a-z][a-z0-9]{3})\.([0-9a-f]{8})\.sock$/.exec(name) ?? []
  return id === undefined || machine === undefined ? undefined : { id, machine }
}

/** This machine in the name of a socket. */
export async function machineTag(): Promise<string> {
  return createHash('sha256')
    .update(await ownMachine())
    .digest('hex')
    .slice(0, 8)
}
