import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readHostId } from '../../../src/app/network/host-id.ts'
import { systemRandom } from '../../../src/base/system-random.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const read = (stateDir: string): Promise<Uint8Array> => readHostId(stateDir, systemRandom)

it('the id of a host has 16 bytes and is the same for all runs with one state folder', async () => {
  const folder = join(await temporaryFolder(), 'not', 'there', 'yet')
  const first = await read(folder)
  expect(first).toHaveLength(16)
  expect(await read(folder)).toEqual(first)
})

it('what it follows from is kept where nobody else may read it, and is not the id itself', async () => {
  const folder = await temporaryFolder()
  const id = await read(folder)
  expect((await stat(join(folder, 'host-id'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(folder, 'host-id'), 'utf8')).not.toContain(Buffer.from(id).toString('hex'))
  expect(await readdir(folder)).toEqual(['host-id'])
})

it('two state folders are two hosts', async () => {
  expect(await read(await temporaryFolder())).not.toEqual(await read(await temporaryFolder()))
})

it('runs that begin at the same time agree', async () => {
  const folder = await temporaryFolder()
  const ids = await Promise.all(Array.from({ length: 8 }, () => read(folder)))
  expect(new Set(ids.map((id) => Buffer.from(id).toString('hex'))).size).toBe(1)
  expect(await read(folder)).toEqual(ids[0])
})

it.each(['', 'nonsense\n', 'a'.repeat(1_000)])('a file that is damaged ("%s") is replaced', async (text) => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'host-id'), text)
  const id = await read(folder)
  expect(await read(folder)).toEqual(id)
})

it('where nothing can be kept it follows from the number of the machine, and without one it is another one each time, with a warning', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'file'), '')
  await chmod(join(folder, 'file'), 0o444)
  const notAFolder = join(folder, 'file', 'state')
  const machineFile = join(folder, 'machine-id')
  const warnings: string[] = []
  const readThere = (): Promise<Uint8Array> => readHostId(notAFolder, systemRandom, (sentence) => warnings.push(sentence), machineFile)
  const first = await readThere()
  expect(first).toHaveLength(16)
  expect(await readThere()).not.toEqual(first)
  expect(warnings).toEqual(Array(2).fill(expect.stringContaining(`${notAFolder} cannot be written to`)))
  await writeFile(machineFile, '0123456789abcdef0123456789abcdef\n')
  const second = await readThere()
  expect(await readThere()).toEqual(second)
  expect(second).not.toEqual(Buffer.from('0123456789abcdef0123456789abcdef', 'hex'))
  await writeFile(machineFile, 'fedcba9876543210fedcba9876543210\n')
  expect(await readThere()).not.toEqual(second)
  expect(warnings).toHaveLength(2)
})
