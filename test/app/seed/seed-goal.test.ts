import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { copiesGoalOf } from '../../../src/app/copies/copies-goal.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { SeedGoal } from '../../../src/app/seed/seed-goal.ts'
import type { SeedRequest } from '../../../src/app/seed/seed-request.ts'
import { Events } from '../../../src/base/events.ts'
import type { SwarmEvents } from '../../../src/swarm/swarm-types.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'
import { startFetch, startSeed } from '../support/running-verb.ts'
import { writeFiles } from '../support/write-files.ts'

async function seededUntil(goal: Partial<SeedRequest>) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'tree'), { 'a.bin': 200_000 })
  const seeding = startSeed({ path: content, ...goal })
  const { magnet } = await seeding.event('ready')
  return {
    root,
    seeding,
    magnet,
    fetchTo: (name: string, stays = false) => startFetch({ id: magnet, outDir: join(root, name), keepSeeding: stays }),
  }
}

describe('a seed with a goal', () => {
  it('counts each host that puts its copy in place, and ends with the last one that was asked for', async () => {
    const { seeding, fetchTo } = await seededUntil({ untilCopies: 3 })
    await fetchTo('one', true).event('done')
    await seeding.event('copies', ({ complete }) => complete === 1)
    await fetchTo('two').result
    await seeding.event('copies', ({ complete }) => complete === 2)
    expect(seeding.hasEnded).toBe(false)
    await fetchTo('three').result
    expect(await seeding.result).toMatchObject({ goalMet: true, copies: 3, bytes: 200_000 })
    expect(seeding.all('copies')).toMatchObject([1, 2, 3].map((complete) => ({ complete, goal: 3, host: { name: null } })))
    expect(new Set(seeding.all('copies').map(({ host }) => host.id)).size).toBe(3)
    expect(seeding.all('done')).toHaveLength(1)
  })

  it('ends once it has sent so many times its size', async () => {
    const { seeding, fetchTo } = await seededUntil({ ratio: 1 })
    await fetchTo('one').result
    const { goalMet, uploaded } = await seeding.result
    expect(goalMet).toBe(true)
    expect(uploaded).toBeGreaterThanOrEqual(200_000)
  })

  it('ends when its time has come, whoever is there', async () => {
    const { seeding } = await seededUntil({ forMs: 300 })
    const { goalMet, seconds, copies } = await seeding.result
    expect({ goalMet, copies }).toEqual({ goalMet: true, copies: 0 })
    expect(seconds).toBeGreaterThanOrEqual(0.3)
  })

  it('ends with the goal that is met first', async () => {
    const { seeding, fetchTo } = await seededUntil({ untilCopies: 1, ratio: 1_000, forMs: 3_600_000 })
    await fetchTo('one').result
    expect(await seeding.result).toMatchObject({ goalMet: true, copies: 1 })
  })

  it('that is stopped before says that it was not met', async () => {
    const { seeding } = await seededUntil({ untilCopies: 1 })
    seeding.abort()
    expect(await seeding.result).toMatchObject({ goalMet: false, copies: 0 })
    expect(seeding.all('done')).toEqual([])
  })

  it('does not take another one of the same host for the host that it waits for', async () => {
    const root = await temporaryFolder()
    const path = await writeFiles(join(root, 'tree'), { 'a.bin': 200_000 })
    const network = loopback()
    const first = startSeed({ path, untilCopies: 1, network })
    const { listen } = await first.event('ready')
    const second = startSeed({ path, untilCopies: 1, network: { ...network, peers: listen } })
    const { magnet } = await second.event('ready')
    await second.event('peer', ({ kind }) => kind === 'connected')
    await startFetch({ id: magnet, outDir: join(root, 'out'), hostName: 'web-1' }).result
    expect(await second.result).toMatchObject({ goalMet: true, copies: 1 })
    expect(second.all('copies')).toMatchObject([{ host: { name: 'web-1' } }])
  })

  it.each(['timeoutMs', 'stallTimeoutMs'])('says at its deadline who has it in place of the hosts that it waits for; %s', async (limit) => {
    const expected = [{ name: 'web-1' }]
    const request = { verb: 'push', network: loopback({ [limit]: 1 }) } as SeedRequest
    const swarm = { events: new Events<SwarmEvents>(), peers: () => [] }
    const copiesGoal = copiesGoalOf({ untilCopies: undefined, expected })
    const parts = { swarm, copiesGoal, expected, contentBytes: 1, memory: undefined, handover: undefined, uploadedBytes: () => 0 }
    const goal = new SeedGoal(request, parts, new Events<VerbEvents>())
    onTestFinished(() => goal.stop())
    const stranger = { hostId: 'ab', hostName: 'ip-10-0-0-2', zone: undefined, peerId: 'aa', address: undefined, listenAddress: undefined }
    goal.recall([{ copy: stranger, countedAt: new Date(0) }])
    await expect(goal.met).rejects.toMatchObject({
      message: expect.stringMatching(/0 of 1 copy is complete\. Missing: web-1\.$/),
      hint: expect.stringMatching(/^1 host that is not on the list has it: ip-10-0-0-2\. If .+\. Start the push again/),
    })
  })

  it('says at its deadline that what was counted stays counted, where it is written down', async () => {
    const swarm = { events: new Events<SwarmEvents>(), peers: () => [] }
    const copiesGoal = copiesGoalOf({ untilCopies: 2 })
    const memory = { add: () => undefined }
    const parts = { swarm, copiesGoal, expected: undefined, contentBytes: 1, memory, handover: undefined, uploadedBytes: () => 0 }
    const goal = new SeedGoal({ verb: 'push', network: loopback({ timeoutMs: 1 }) } as SeedRequest, parts, new Events<VerbEvents>())
    onTestFinished(() => goal.stop())
    const copy = { hostId: 'ab', hostName: 'web-1', zone: undefined, peerId: 'aa', address: undefined, listenAddress: undefined }
    goal.recall([{ copy, countedAt: new Date(0) }])
    const hint = 'Start the push again to go on: hosts keep what they have verified, and copies that were counted stay counted.'
    await expect(goal.met).rejects.toMatchObject({ message: expect.stringMatching(/1 of 2 copies are complete\.$/), hint })
  })

  it('without one stays, and counts copies all the same', async () => {
    const { seeding, fetchTo } = await seededUntil({})
    await fetchTo('one').result
    expect(await seeding.event('copies')).toMatchObject({ complete: 1, goal: null })
    expect(seeding.hasEnded).toBe(false)
  })
})

describe('a fetch that stays', () => {
  it('for some time ends by itself', async () => {
    const { magnet, root } = await seededUntil({})
    const staying = startFetch({ id: magnet, outDir: join(root, 'out'), seedForMs: 200 })
    await staying.event('done')
    expect(staying.hasEnded).toBe(false)
    expect(await staying.result).toMatchObject({ bytes: 200_000 })
  })

  it('serves the next one after the seed has left', async () => {
    const { root, seeding, fetchTo } = await seededUntil({})
    const first = fetchTo('one', true)
    const { infoHash } = await first.event('done')
    const { magnet } = await first.event('ready')
    await seeding.stop()
    const second = startFetch({ id: magnet, outDir: join(root, 'two') })
    expect(await second.result).toMatchObject({ infoHash, downloaded: 200_000 })
    first.abort()
    expect(await first.result).toMatchObject({ bytes: 200_000 })
  })
})
