import { createHash } from 'node:crypto'
import { link, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../../base/bytes.ts'
import type { Random } from '../../base/random.ts'
import { makeFolder } from '../../store/make-folder.ts'
import { HOST_ID_BYTES } from '../../wire/wire-limits.ts'

/** What the file holds at most: the number in hexadecimal, and the end of the line. */
const MAX_FILE_BYTES = 34
/** Systems with systemd, and most others with Linux, have a number of their own there (machine-id(5)). */
const MACHINE_ID = '/etc/machine-id'
const MAX_MACHINE_ID_BYTES = 256
/** In place of the secret of a state folder; the machine's number itself is never told (machine-id(5)). */
const WITHOUT_STATE = 'distro host without a state folder'

/**
 * The number by which this host is known to those that count copies: 16 bytes, the same for all runs with one state folder on one host. It
 * follows from a random number in the file `host-id` there, which nobody but this user may read, and the machine's own number where there
 * is one, so that a home folder which several hosts share, or an image that was copied with its state, does not make one host of them.
 * Where the folder cannot be written to it follows from the machine's number alone; without that it is another one each time, and `warn`
 * is called with a sentence. `machineFile` is where the machine's number stands.
 */
export async function readHostId(
  stateDir: string,
  random: Random,
  warn: (sentence: string) => void = () => undefined,
  machineFile: string = MACHINE_ID,
): Promise<Uint8Array> {
  const machine = (await readBounded(machineFile, MAX_MACHINE_ID_BYTES).catch(() => '')).trim()
  const secret = (await keptSecret(stateDir, random).catch(() => undefined)) ?? secretWithout(stateDir, machine, random, warn)
  return Uint8Array.from(createHash('sha256').update(secret).update(machine).digest().subarray(0, HOST_ID_BYTES))
}

/** A number for a host that cannot keep one: the same for all of its runs where the machine has one of its own. */
function secretWithout(stateDir: string, machine: string, random: Random, warn: (sentence: string) => void): Uint8Array {
  if (machine !== '') return Buffer.from(WITHOUT_STATE)
  warn(`${stateDir} cannot be written to, and this machine has no number of its own: each run counts as another host.`)
  return random.bytes(HOST_ID_BYTES)
}

async function keptSecret(stateDir: string, random: Random): Promise<Uint8Array | undefined> {
  const file = join(stateDir, 'host-id')
  const known = await readSecret(file)
  if (known !== undefined) return known
  await makeFolder(stateDir)
  const draft = `${file}.${toHex(random.bytes(8))}`
  await writeFile(draft, `${toHex(random.bytes(HOST_ID_BYTES))}\n`, { flag: 'wx', mode: 0o600 })
  try {
    // Of two runs that begin at once the first one's number stays; the other reads it.
    await link(draft, file).catch(() => undefined)
    const kept = await readSecret(file)
    if (kept !== undefined) return kept
    // What stands there is damaged, or the file system has no links.
    await rename(draft, file)
    return await readSecret(file)
  } finally {
    await rm(draft, { force: true })
  }
}

async function readSecret(file: string): Promise<Uint8Array | undefined> {
  const text = await readBounded(file, MAX_FILE_BYTES).catch(() => '')
  const digits = text.trim()
  return new RegExp(`^[0-9a-f]{${2 * HOST_ID_BYTES}}$`).test(digits) ? Buffer.from(digits, 'hex') : undefined
}

async function readBounded(file: string, maxBytes: number): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
