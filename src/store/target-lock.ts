import { createHash, randomBytes } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import { copyFile, type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock, Timer } from '../base/clock.ts'
import { DistroError } from '../base/errors.ts'
import { diskError, systemCode } from './disk-error.ts'
import { linkFile } from './link-file.ts'
import { findProcess, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/** How often a holder shows that it is alive. */
const HEARTBEAT_MS = 5_000
/** A lock of another machine or container that was not touched for this long belongs to nobody. */
const ABANDONED_MS = 30_000

/** For hints: when the lock of a process that was killed is no hindrance any more. */
export const takeoverRule =
  'one that was killed counts as ended at once here, and half a minute later on another machine or in another container'

/** What a lock file says about its holder; `nonce` is different for every lock ever taken. */
interface LockRecord extends ProcessIdentity {
  readonly nonce: string
}

/**
 * The right to write one target, as a file beside it, because Node gives no access to flock(2).
 *
 * The file appears complete or not at all: it is written under another name and linked into place, and link(2) fails when the
 * name is taken. A lock is stale when its process is gone (same machine and process namespace; the start time tells a reused
 * number), or, where that cannot be known, when its heartbeat stopped for half a minute by the file system's own clock. A stale lock
 * is replaced by whoever links `<lock>.<nonce of the stale one>` first, and only if the lock still has that nonce then: of two
 * that find the same stale lock one gets it, and a fresh lock is never thrown away by somebody who saw an older one.
 * A holder that slept through its own replacement finds out in `confirm`, which comes before anything is placed.
 *
 * On a full disk, where going back to an earlier release must still be possible, the file stays empty: it then needs no block of data.
 * Such a lock is one whose process cannot be known, and is told from others by its inode and its time.
 */
export class TargetLock {
  readonly #path: string
  readonly #record: LockRecord
  /** The lock file itself, whatever its name points to by now: a heartbeat can only ever touch our own. */
  readonly #file: FileHandle
  readonly #heartbeat: Timer
  #beating: Promise<unknown> = Promise.resolve()

  private constructor(path: string, record: LockRecord, file: FileHandle, clock: Clock) {
    this.#path = path
    this.#record = record
    this.#file = file
    this.#heartbeat = clock.every(HEARTBEAT_MS, () => this.#beat())
  }

  /** Takes the lock at `path`, or throws BUSY. */
  static async take(path: string, clock: Clock): Promise<TargetLock> {
    const record: LockRecord = { ...(await ownIdentity()), nonce: randomBytes(8).toString('hex') }
    const draft = `${path}.${record.nonce}`
    let file: FileHandle | undefined
    try {
      file = await open(draft, 'wx+', 0o600)
      await writeRecord(file, record)
      if (!(await linkNew(draft, path))) await replaceStale(draft, path)
      await removeLeftovers(path).catch(() => undefined)
      file = await reopenCopy(file, path)
      return new TargetLock(path, record, file, clock)
    } catch (error) {
      await file?.close()
      throw diskError(error, 'lock', path)
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** Throws BUSY if the lock was taken over, because this process did not run for half a minute. */
  async confirm(): Promise<void> {
    const holder = await readLock(this.#path)
    if (!(await this.#isOwn(holder))) throw busy(this.#path, holder)
  }

  /** Gives the lock up; does nothing to one that was taken over. */
  async release(): Promise<void> {
    this.#heartbeat.cancel()
    await this.#beating
    // Which file it is tells as much where it cannot be read, such as when no more files may be opened.
    const isOwn = await this.#isOwn(await readLock(this.#path).catch(() => ({ ...unknownHolder, nonce: '' })))
    await this.#file.close()
    if (isOwn) await rm(this.#path, { force: true })
  }

  /** True for the record that we wrote, and for a file without one that is ours: while it is open no other file has its inode. */
  async #isOwn(holder: LockRecord | undefined): Promise<boolean> {
    if (holder?.pid !== UNKNOWN_PID) return holder?.nonce === this.#record.nonce
    const [own, there] = await Promise.all([this.#file.stat(), lstat(this.#path).catch(() => undefined)])
    return own.ino === there?.ino
  }

  /** Writes the same bytes again, which sets the time by the file system's clock. A missed beat does no harm: half a minute holds six. */
  #beat(): void {
    this.#beating = writeRecord(this.#file, this.#record).catch(() => undefined)
  }
}

/** On a full disk it only sets the time, as a change of length does also when the length stays. */
async function writeRecord(file: FileHandle, record: LockRecord): Promise<void> {
  try {
    await file.write(JSON.stringify(record), 0)
  } catch (error) {
    if (!fullDisk.has(systemCode(error))) throw error
    await file.truncate((await file.stat()).size)
  }
}

const fullDisk: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** Where there are no hard links the lock is a copy of the draft that `file` is, and the heartbeat must reach the copy. */
async function reopenCopy(file: FileHandle, path: string): Promise<FileHandle> {
  if ((await file.stat()).ino === (await lstat(path)).ino) return file
  await file.close()
  return open(path, constants.O_RDWR | constants.O_NOFOLLOW)
}

/** Removes drafts and claims of processes that were killed while they took the lock; only its holder may. */
async function removeLeftovers(path: string): Promise<void> {
  const names = await readdir(dirname(path))
  for (const name of names.filter((each) => each.startsWith(`${basename(path)}.`) && /\.[0-9a-f]{16}$/.test(each))) {
    const leftover = join(dirname(path), name)
    const writer = await readLock(leftover)
    if (writer !== undefined && (await isStale(writer, leftover, path))) await rm(leftover, { force: true })
  }
}

/** `wanted` is what a person is told of: the lock, also where `path` is a claim on it. */
async function replaceStale(draft: string, path: string, wanted: string = path): Promise<void> {
  const holder = await readLock(path)
  if (holder === undefined) {
    if (await linkNew(draft, path)) return
    throw busy(wanted, holder)
  }
  if (!(await isStale(holder, path, draft))) throw busy(wanted, holder)
  const claim = `${path}.${holder.nonce}`
  if (!(await linkNew(draft, claim))) await inheritClaim(draft, claim, wanted)
  try {
    const current = await readLock(path)
    if (current === undefined ? !(await linkNew(draft, path)) : current.nonce !== holder.nonce) throw busy(wanted, current)
    if (current !== undefined) await rename(draft, path)
  } finally {
    await rm(claim, { force: true })
  }
}

/** A process that died while it replaced a lock left its claim, which is replaced as a lock is: by exactly one. Throws BUSY while it lives. */
async function inheritClaim(draft: string, claim: string, wanted: string): Promise<void> {
  const heir = `${claim}${extname(draft)}`
  if (!(await linkNew(draft, heir))) throw busy(wanted, undefined)
  try {
    await replaceStale(heir, claim, wanted)
  } finally {
    await rm(heir, { force: true })
  }
}

async function isStale(holder: LockRecord, path: string, draft: string): Promise<boolean> {
  const state = await findProcess(holder)
  return state === 'ended' || (state === 'unknown' && (await isOld(path, draft)))
}

/** Compares with a file written just now, so that it is the file system's clock that counts, not this machine's. */
async function isOld(path: string, fresh: string): Promise<boolean> {
  const [{ mtimeMs: nowMs }, stats] = [await lstat(fresh), await lstat(path).catch(() => undefined)]
  return stats === undefined || nowMs - stats.mtimeMs > ABANDONED_MS
}

/** The record in a lock file; undefined if there is no file. A file that is no lock of ours counts as held by an unknown process. */
async function readLock(path: string): Promise<LockRecord | undefined> {
  try {
    await using file = await open(path)
    return recordIn(await file.readFile('utf8')) ?? { ...unknownHolder, nonce: unknownNonce(await file.stat({ bigint: true })) }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** No process has it. */
const UNKNOWN_PID = 0
const unknownHolder: ProcessIdentity = { pid: UNKNOWN_PID, startedAt: '', machine: '', boot: '', namespace: '' }

/** A lock that stands in the place of a stale one differs from it in its time, should it have got the same inode. */
function unknownNonce({ ino, mtimeNs }: BigIntStats): string {
  return createHash('sha256').update(`${ino} ${mtimeNs}`).digest('hex').slice(0, 16)
}

function recordIn(text: string): LockRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isLockRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isLockRecord(value: unknown): value is LockRecord {
  const record = value as Readonly<Record<string, unknown>> | null
  if (typeof record !== 'object' || record === null) return false
  const { pid, startedAt, machine, boot, namespace, nonce } = record
  const texts = [startedAt, machine, boot, namespace, nonce]
  return Number.isSafeInteger(pid) && (pid as number) > 0 && texts.every(isText) && /^[0-9a-f]{16}$/.test(nonce as string)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** True if `to` is now another name of `from`; false if there was something at `to`. */
async function linkNew(from: string, to: string): Promise<boolean> {
  const outcome = await linkFile(from, to)
  if (outcome !== 'no-links') return outcome === 'linked'
  // Not atomic in its content: who reads half of it takes it for a lock of an unknown process, which is held for half a minute.
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

function busy(path: string, holder: LockRecord | undefined): DistroError {
  const who = holder === undefined || holder.pid === UNKNOWN_PID ? 'Another process' : `Process ${holder.pid}`
  return new DistroError('BUSY', `${who} is fetching to the same place (${path}).`, {
    hint: `Wait for it to end, or choose another directory; ${takeoverRule}.`,
  })
}
