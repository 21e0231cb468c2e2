import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type CopiesRequest, copiesGoalOf } from '../../../src/app/copies/copies-goal.ts'
import { CopyCount } from '../../../src/app/copies/copy-count.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
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
  const count = new CopyCount(parts, new Events<VerbEvents>())
  onTestFinished(() => count.stop())
  const tell = (hostName: string | undefined, hostId = hostName): void =>
    swarm.events.emit('copy', { hostId, hostName, zone: undefined, peerId: hostId ?? 'aa', address: undefined, listenAddress: undefined })
  return { count, tell }
}

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

it('a hint does not speak of them where enough have it, or where there is no list', () => {
  const enough = countOf({ expected: [{ name: 'web-1' }, { name: 'web-2' }], untilCopies: 1 })
  const anybody = countOf({ untilCopies: 3 })
  for (const { tell } of [enough, anybody]) for (const host of ['web-1', 'ip-10-0-0-2']) tell(host)
  expect([enough.count.hint('Wait longer.'), anybody.count.hint('Wait longer.')]).toEqual(['Wait longer.', 'Wait longer.'])
})
