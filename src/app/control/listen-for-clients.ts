import { chmod, lstat, rename, unlink } from 'node:fs/promises'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import type { Random } from '../../base/random.ts'
import { linkFile } from '../../store/link-file.ts'
import { makeRunsFolder, withSocketPath } from './runs-folder.ts'
import { formatSocketName, hiddenSocketName, machineTag, newRunId } from './socket-name.ts'

const ATTEMPTS = 20

/** The id of a run, and where its socket is. */
export interface SocketPlace {
  readonly id: string
  readonly path: string
}

/**
 * Has `server` listen under a new id in `<stateDir>/runs/`, for nobody but this user. The socket listens under a hidden name first and is then linked
 * to its own, which fails when the name is taken: so two that start at once never share one, and a socket that can be found and on which
 * nobody listens is one whose process has gone. Throws what the file system says, and a `DistroError`.
 */
export async function listenForClients(server: Server, stateDir: string, random: Random): Promise<SocketPlace> {
  const [folder, machine] = await Promise.all([makeRunsFolder(stateDir), machineTag()])
  const draft = hiddenSocketName(random)
  try {
    await withSocketPath(folder, draft, (path) => listen(server, path))
    await chmod(join(folder, draft), 0o600)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const id = newRunId(random)
      const path = join(folder, formatSocketName({ id, machine }))
      if (await linkNew(join(folder, draft), path)) return { id, path }
    }
    throw new DistroError('BUSY', `${folder} has no name left for a socket.`, { hint: 'Remove what is in it.' })
  } catch (error) {
    server.close()
    throw error
  } finally {
    await unlink(join(folder, draft)).catch(() => undefined)
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      // Such as too many open files: who asked then gets no answer, and the run goes on.
      server.on('error', () => undefined)
      resolve()
    })
  })
}

/** True if `to` is now a name of what `from` is; false if there was something at `to`. */
async function linkNew(from: string, to: string): Promise<boolean> {
  const outcome = await linkFile(from, to)
  if (outcome !== 'no-links') return outcome === 'linked'
  if ((await lstat(to).catch(() => undefined)) !== undefined) return false
  await rename(from, to)
  return true
}
