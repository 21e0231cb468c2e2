import type { FileHandle } from 'node:fs/promises'

/**
 * Writes all of `bytes` at `position`. The system may take less than it is given, above all when the disk is about to be full, and only the
 * next write says why.
 */
export async function writeAll(file: Pick<FileHandle, 'write'>, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}
