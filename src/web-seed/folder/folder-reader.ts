import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { FolderAnswer, FolderCall, Numbered } from './folder-calls.ts'

/**
 * The program that reads a folder for a `FolderDisk`, in a process of its own: calls in, as many answers out. A call to a mount
 * that hangs never ends, and a process in which one is under way cannot leave in peace: this one is killed, and the one that
 * wants the bytes goes on.
 */
const files = new Map<number, { readonly handle: FileHandle; readonly path: string }>()
/** The file or folder that is the content. */
let root: string | undefined

// A terminal sends its signals to both processes: the other one decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
// The other one is gone; whatever hangs here must not keep this one.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (call: Numbered<FolderCall>) => {
  void answerTo(call).then((answer) => {
    if (process.connected) process.send?.({ ...answer, number: call.number })
  })
})

async function answerTo(call: Numbered<FolderCall>): Promise<FolderAnswer> {
  if (call.kind === 'look') return look(call.path)
  let path = call.kind === 'open' ? join(call.path, ...call.elements) : (files.get(call.file)?.path ?? '')
  try {
    if (call.kind === 'open') {
      root ??= await rootOf(call)
      path = join(root, ...call.elements)
      return await openFile(call.file, root, path)
    }
    const handle = files.get(call.file)?.handle
    if (call.kind === 'read' && handle !== undefined) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(call.lengthBytes), 0, call.lengthBytes, call.offsetBytes)
      return { kind: 'bytes', bytes: buffer.subarray(0, bytesRead) }
    }
    files.delete(call.file)
    await handle?.close()
    return { kind: 'closed' }
  } catch (error) {
    return { kind: 'failed', path, code: codeOf(error) }
  }
}

function look(path: string): Promise<FolderAnswer> {
  return stat(path).then(
    () => ({ kind: 'found' }),
    (error: unknown) => ({ kind: 'failed', path, code: codeOf(error) }),
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason'
}

/** Opens nothing outside of `root`, whatever links lie in it. */
async function openFile(file: number, root: string, path: string): Promise<FolderAnswer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  let isKept = false
  try {
    const opened = await handle.stat()
    if (!opened.isFile()) return { kind: 'not-a-file', path }
    const [realRoot, realPath] = [await realpath(root), await realpath(path)]
    const real = await stat(realPath)
    const isInside = realPath === realRoot || realPath.startsWith(realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`)
    // The path may have come to lead elsewhere since the file was opened: what counts is that this very file lies inside.
    if (!isInside || real.ino !== opened.ino || real.dev !== opened.dev) return { kind: 'outside', path }
    files.set(file, { handle, path })
    isKept = true
    return { kind: 'opened', path, fileBytes: opened.size, stamp: `${opened.dev} ${opened.ino} ${opened.mtimeMs}` }
  } finally {
    if (!isKept) await handle.close()
  }
}

/** `path` holds the content under its name, or is it. */
async function rootOf({ path, name, isSingleFile }: Extract<FolderCall, { kind: 'open' }>): Promise<string> {
  const below = join(path, name)
  return (await isFolder(isSingleFile ? path : below)) ? below : path
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
