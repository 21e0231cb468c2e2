import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type CopiesRequest, copiesGoalOf } from '../../../src/app/copies/copies-goal.ts'
import { CopyCount } from '../../../src/app/copies/copy-count.ts'
import type { CopiesEvent, VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import type { CopyEvent } from '../../../src/swarm/copy-exchange.ts'
import type { SwarmEvents } from '../../../src/swarm/swarm-types.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

it('a host that comes under a second name is counted once, and the seed says so', async () => {
  const root = await temporaryFolder()
  const seeding = startSeed({ path: await writeFiles(join(root, 'tree'), { 'a.bin': 50_000 }), untilCopies: 2 })
  const { magnet } = await seeding.event('ready')
  const network = loopback({ stateDir: join(root, 'state') })
  for (const hostName of ['web-1', 'web-2']) await startFetch({ id: magnet, outDir: join(root, hostName), hostName, network }).result
  const { message } = await seeding.event('warning')
  expect(message).toBe('web-2 is the same host as web-1: runs with one --state-dir on one machine are one host, and it counts once.')
  expect(seeding.all('copies')).toHaveLength(1)
})

/** A count of the hosts that tell of their copies, each by its name. */
function countOf(request: Partial<CopiesRequest>) {
  const whole = { untilCopies: undefined, ...request }
  const swarm = { events: new Events<SwarmEvents>(), peers: () => [] }
  const parts = { swarm, goal: copiesGoalOf(whole), expected: request.expected, contentBytes: () => 1, onCopy: () => undefined }
  const events = new Events<VerbEvents>()
  const copies: CopiesEvent[] = []
  events.on('copies', (copy) => copies.push(copy))
  const count = new CopyCount(parts, events)
  onTestFinished(() => count.stop())
  const tell = (hostName: string | undefined, hostId?: string): void => swarm.events.emit('copy', copyOf(hostName, hostId))
  const recall = (...hostNames: readonly string[]): void =>
    count.recall(hostNames.map((hostName) => ({ copy: copyOf(hostName), countedAt: new Date(0) })))
  return { count, tell, recall, copies }
}

function copyOf(hostName: string | undefined, hostId = hostName): CopyEvent {
  return { hostId, hostName, zone: undefined, peerId: hostId ?? 'aa', address: undefined, listenAddress: undefined }
}

it('copies that an earlier run was told of are counted, and told apart', () => {
  const anybody = countOf({ untilCopies: 3 })
  const listed = countOf({ expected: [{ name: 'web-1' }, { name: 'web-2' }] })
  for (const { count, tell, recall, copies } of [anybody, listed]) {
    recall('web-1', 'stranger')
    tell('web-2')
    tell('web-1')
    expect(copies.map(({ host, isFromEarlierRun }) => [host.name, isFromEarlierRun])).toEqual([
      ['web-1', true],
      ['stranger', true],
      ['web-2', false],
    ])
    expect(copies[0]?.countedAt).toBe('1970-01-01T00:00:00.000Z')
    expect(count.copies - count.copiesFromEarlierRuns).toBe(1)
  }
  expect([anybody.count.copiesFromEarlierRuns, listed.count.copiesFromEarlierRuns]).toEqual([2, 1])
  expect(listed.count.hosts()).toMatchObject([
    { name: 'web-1', isFromEarlierRun: true },
    { name: 'web-2', isFromEarlierRun: false },
  ])
})

it('where copies are wanted in each zone, it is told how many zones have enough', () => {
  const hosts = ['a-1', 'a-2', 'b-1', 'b-2'].map((name) => ({ name, zone: name.slice(0, 1) }))
  const { count, tell, copies } = countOf({ expected: hosts, untilZoneCopies: 2 })
  expect(count.inZones).toEqual({ copies: 2, total: 2, met: 0 })
  for (const { name } of hosts) tell(name)
  expect(copies.map(({ inZones, zonesShort }) => [inZones?.met, zonesShort])).toEqual([
    [0, 2],
    [1, 1],
    [1, 1],
    [2, 0],
  ])
  expect(countOf({ untilCopies: 1 }).count.inZones).toBeUndefined()
})

it('a hint speaks of hosts that are not on the list while some on it are missing', () => {
  const { count, tell } = countOf({ expected: [{ name: 'web-1' }, { name: 'web-2' }] })
  tell('web-1')
  expect(count.hint('Wait longer.')).toBe('Wait longer.')
  tell('ip-10-0-0-2')
  tell('ip-10-0-0-2')
  expect(count.hint('Wait longer.')).toMatch(/^1 host that is not on the list has it: ip-10-0-0-2\. If .+ on the list\. Wait longer\.$/)
  tell(undefined, 'bb')
  expect(count.hint('Wait longer.')).toMatch(/^2 hosts .+, among them ip-10-0-0-2; 1 told no name\. /)
  tell('web-2')
  expect(count.hint('Wait longer.')).toBe('Wait longer.')
})

it('a hint does not speak of a host any more that did as it says and came again under the name on the list', () => {
  const { count, tell } = countOf({ expected: [{ name: 'web-1' }, { name: 'web-2' }] })
  tell('ip-10-0-0-1', 'aa')
  tell(undefined, 'bb')
  tell('web-1', 'aa')
  expect(count.hint('Wait longer.')).toMatch(/^1 host that is not on the list has it and told no name\. /)
  // Under whatever name it comes after that, it is the one on the list.
  tell('ip-10-0-0-1', 'aa')
  tell('web-1', 'bb')
  expect(count.hint('Wait longer.')).toBe('Wait longer.')
})

it('a hint does not speak of them where enough have it, or where there is no list', () => {
  const enough = countOf({ expected: [{ name: 'web-1' }, { name: 'web-2' }], untilCopies: 1 })
  const anybody = countOf({ untilCopies: 3 })
  for (const { tell } of [enough, anybody]) for (const host of ['web-1', 'ip-10-0-0-2']) tell(host)
  expect([enough.count.hint('Wait longer.'), anybody.count.hint('Wait longer.')]).toEqual(['Wait longer.', 'Wait longer.'])
})
