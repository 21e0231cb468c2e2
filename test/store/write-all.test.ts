import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeAll } from '../../src/store/write-all.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

it('writes all there is, though the system takes a few bytes at a time', async () => {
  const path = join(await temporaryFolder(), 'file')
  await using file = await open(path, 'w')
  const takesFew = {
    write: (bytes: Uint8Array, from: number, length: number, position: number) => file.write(bytes, from, Math.min(3, length), position),
  } as typeof file
  await writeAll(takesFew, Buffer.from('0123456789'), 2)
  expect(await readFile(path)).toEqual(Buffer.from('\0\x000123456789'))
})
