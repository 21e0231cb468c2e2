import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

async function pushed(words: readonly string[]) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000, 'b/c.bin': 2_000_000 })
  const push = spawnDistro(['push', content, '--json', ...closedOff, '--state-dir', join(root, 'push'), ...words])
  const magnet = String((await push.event('ready')).magnet)
  return {
    root,
    content,
    push,
    fetch(host: string, more: readonly string[] = [], id = magnet) {
      const places = ['--out', join(root, host), '--state-dir', join(root, `state-${host}`), '--host-name', host]
      return spawnDistro(['fetch', id, '--json', ...closedOff, ...places, ...more])
    },
  }
}

describe('a push that hands over', () => {
  test('leaves once the host that it named and another one hold the tree and stay, and others can go on with them', async () => {
    const { root, content, push, fetch } = await pushed(['--handover', 'mirror'])
    const other = fetch('other', ['--keep-seeding'])
    await other.event('done')
    const mirror = fetch('mirror', ['--keep-seeding'])
    await mirror.event('done')
    expect(await push.exited, push.output).toEqual({ code: 0, signal: null })
    const told = push.events('handover') as unknown as readonly { readonly host: string; readonly hosts: readonly string[] }[]
    expect(told.map(({ host, hosts }) => [host, hosts.toSorted()])).toEqual([['mirror', ['mirror', 'other']]])
    const late = fetch('late', [], String((await mirror.event('ready')).magnet))
    expect(await late.exited, late.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(root, 'late', 'content'))).toEqual([])
  })

  test('does not leave to hosts that leave themselves, and says so at its deadline', async () => {
    const { push, fetch } = await pushed(['--handover', 'mirror', '--handover-copies', '1', '--timeout', '25s'])
    for (const host of ['mirror', 'other']) {
      const leaves = fetch(host)
      expect(await leaves.exited, leaves.output).toEqual({ code: 0, signal: null })
    }
    expect(await push.exited, push.output).toEqual({ code: 4, signal: null })
    const sentence = '2 complete copies are out. There to take over: 0 of 1 full copies, and mirror is not among them.'
    expect(push.events('error')).toMatchObject([{ message: `The time of 25 s is over: ${sentence}` }])
  })
})
