import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

async function reported(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

it('a report tells of each host that was counted, and that the goal was met', async () => {
  const root = await temporaryFolder()
  const reportOut = join(root, 'report.json')
  const seeding = startSeed({ path: await writeFiles(join(root, 'tree'), { 'a.bin': 50_000 }), untilCopies: 2, reportOut })
  const { magnet, infoHash } = await seeding.event('ready')
  await startFetch({ id: magnet, outDir: join(root, 'one'), hostName: 'web-1' }).result
  await startFetch({ id: magnet, outDir: join(root, 'two') }).result
  await seeding.result
  const told = seeding
    .all('copies')
    .map(({ host: { id, name } }) => ({ id, name, at: expect.stringMatching(/Z$/), isFromEarlierRun: false }))
  expect(await reported(reportOut)).toMatchObject({ infoHash, name: 'tree', goal: 2, goalMet: true, error: null, copies: 2, hosts: told })
  expect(told.map(({ name }) => name)).toEqual(['web-1', null])
})

it('a report is written by a seed that is stopped, and is no part of what it publishes', async () => {
  const root = await temporaryFolder()
  const path = await writeFiles(join(root, 'tree'), { 'a.bin': 50_000 })
  const reportOut = join(path, 'report.json')
  await writeFile(reportOut, '')
  const seeding = startSeed({ path, reportOut })
  expect(await seeding.event('metadata')).toMatchObject({ files: 1 })
  await seeding.event('ready')
  expect(seeding.all('warning')).toContainEqual({ message: 'Not published: "report.json", which distro itself writes.' })
  await seeding.stop()
  expect(await reported(reportOut)).toMatchObject({ goal: null, goalMet: false, error: 'TERMINATED', copies: 0, hosts: [] })
})

it('a report that could not be written is refused before anything is hashed', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'folder'))
  const path = await writeFiles(join(root, 'tree'), { 'a.bin': 10 })
  const seeding = startSeed({ path, reportOut: join(root, 'folder') })
  await expect(seeding.result).rejects.toMatchObject({ code: 'DISK_FAILED' })
})

it('a push that is out of time says so of itself, and of a host that never came that it was never seen', async () => {
  const root = await temporaryFolder()
  const junitOut = join(root, 'report.xml')
  const path = await writeFiles(join(root, 'tree'), { a: 10 })
  const expected = [{ name: 'web-1' }]
  const pushing = startSeed({ verb: 'push', path, expected, junitOut, network: loopback({ timeoutMs: 100 }) })
  const hint = 'Start the push again to go on: hosts keep what they have verified.'
  await expect(pushing.result).rejects.toMatchObject({ code: 'INCOMPLETE', hint })
  expect(await readFile(junitOut, 'utf8')).toContain('message="missing, never seen"')
})

it('a seed without a goal that is stopped is no failed test case', async () => {
  const root = await temporaryFolder()
  const junitOut = join(root, 'report.xml')
  const seeding = startSeed({ path: await writeFiles(join(root, 'tree'), { a: 10 }), junitOut })
  await seeding.event('ready')
  await seeding.stop()
  expect(await readFile(junitOut, 'utf8')).toContain('failures="0"')
})

it('a report of an earlier run stays where nothing can be published, and goes where the run fails later', async () => {
  const root = await temporaryFolder()
  const path = await writeFiles(join(root, 'tree'), { 'a.bin': 10 })
  const reportOut = join(root, 'report.json')
  await writeFile(reportOut, '{"version":1,"infoHash":"00"}')
  await expect(startSeed({ path: join(root, 'none'), reportOut }).result).rejects.toMatchObject({ code: 'INPUT_MISSING' })
  expect(await reported(reportOut)).toMatchObject({ version: 1 })
  const torrentFile = join(root, 'tree.torrent')
  await startSeed({ path, torrentOut: torrentFile, forMs: 1 }).result
  await writeFiles(path, { 'a.bin': 11 })
  await expect(startSeed({ path, torrentFile, reportOut }).result).rejects.toMatchObject({ code: 'VERIFY_FAILED' })
  expect(await readdir(root)).not.toContain('report.json')
})

it('a seed under a .torrent writes over no file of its content', async () => {
  const root = await temporaryFolder()
  const path = await writeFiles(join(root, 'tree'), { 'a.bin': 10, 'sub/VERSION': 10 })
  const torrentFile = join(root, 'tree.torrent')
  await startSeed({ path, torrentOut: torrentFile, forMs: 1 }).result
  const magnetOut = join(path, 'sub', 'VERSION')
  await expect(startSeed({ path, torrentFile, magnetOut }).result).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(magnetOut),
  })
  await expect(startSeed({ path, torrentFile, magnetOut: torrentFile }).result).rejects.toMatchObject({
    message: `--magnet-out and --torrent are the same file, ${torrentFile}.`,
  })
})
