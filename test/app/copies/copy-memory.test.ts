import { appendFile, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CopyMemory } from '../../../src/app/copies/copy-memory.ts'
import type { CopyRecord } from '../../../src/app/copies/copy-record.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const infoHash = new Uint8Array(20).fill(7)
const DAY_MS = 24 * 3_600_000

function recordOf(number: number, ageMs = 0): CopyRecord {
  const hostId = number.toString(16).padStart(32, '0')
  const address = { host: '192.0.2.9', port: 6_881 }
  const copy = { hostId, hostName: `web-${number}`, zone: undefined, peerId: hostId, address, listenAddress: address }
  return { copy, countedAt: new Date(Date.now() - ageMs) }
}

async function remembering(stateDir: string, records: readonly CopyRecord[]): Promise<void> {
  const memory = await opened(stateDir)
  for (const record of records) memory.add(record)
  await memory.close()
}

function opened(stateDir: string, warnings: string[] = []): Promise<CopyMemory> {
  return CopyMemory.open({ stateDir, infoHash, warn: (sentence) => warnings.push(sentence) })
}

const fileIn = (stateDir: string): string => join(stateDir, 'copies', `${'07'.repeat(20)}.jsonl`)

describe('the memory of copies', () => {
  it('holds what any number of runs counted, in order', async () => {
    const stateDir = await temporaryFolder()
    const records = [1, 2, 3, 4].map((number) => recordOf(number))
    await remembering(stateDir, records.slice(0, 3))
    await remembering(stateDir, records.slice(3))
    expect((await opened(stateDir)).records).toEqual(records)
    const another = await CopyMemory.open({ stateDir, infoHash: new Uint8Array(20), warn: () => undefined })
    expect(another.records).toEqual([])
  })

  it('loses no more than the line that was being written', async () => {
    const stateDir = await temporaryFolder()
    await remembering(stateDir, [recordOf(1)])
    await appendFile(fileIn(stateDir), '\n{"countedAt":"2026-')
    await remembering(stateDir, [recordOf(2)])
    expect((await opened(stateDir)).records.map(({ copy }) => copy.hostName)).toEqual(['web-1', 'web-2'])
  })

  it('is empty once there were enough, and takes nothing after that', async () => {
    const stateDir = await temporaryFolder()
    const memory = await opened(stateDir)
    memory.add(recordOf(1))
    await memory.forget()
    memory.add(recordOf(2))
    await memory.close()
    expect(await readdir(join(stateDir, 'copies'))).toEqual([])
    expect((await opened(stateDir)).records).toEqual([])
  })

  it('holds nothing that is older than a week, and takes old files away', async () => {
    const stateDir = await temporaryFolder()
    await remembering(stateDir, [recordOf(1, 8 * DAY_MS), recordOf(2, 6 * DAY_MS)])
    const old = join(stateDir, 'copies', 'old.jsonl')
    await writeFile(old, '')
    const weekAgo = new Date(Date.now() - 8 * DAY_MS)
    await utimes(old, weekAgo, weekAgo)
    expect((await opened(stateDir)).records.map(({ copy }) => copy.hostName)).toEqual(['web-2'])
    expect(await readdir(join(stateDir, 'copies'))).toHaveLength(1)
  })

  it('says once that it cannot be, and lets the run go on', async () => {
    const stateDir = join(await temporaryFolder(), 'file')
    await writeFile(stateDir, '')
    const warnings: string[] = []
    const memory = await opened(stateDir, warnings)
    memory.add(recordOf(1))
    memory.add(recordOf(2))
    await memory.close()
    expect(memory.records).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(/^Cannot write .*\. Started again, this run would count its copies anew\.$/)])
  })
})
