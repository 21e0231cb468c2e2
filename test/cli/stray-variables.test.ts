import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { notingVerbs } from './fake-verbs.ts'
import { FakeWorld } from './fake-world.ts'

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

async function said(env: Record<string, string>): Promise<string> {
  const world = new FakeWorld({ env })
  expect(await run(['fetch', hash], world, notingVerbs().verbs)).toBe(0)
  return world.err
}

it('a DISTRO_ variable that no option reads gives a warning without its value', async () => {
  expect(await said({ DISTRO_UP_LIMT: '20M' })).toBe(
    'warning: The variable DISTRO_UP_LIMT is not a setting. Did you mean DISTRO_UP_LIMIT?\n',
  )
  expect(await said({ DISTRO_SOMETHING_ELSE_OF_OURS: 'secret' })).toBe(
    'warning: The variable DISTRO_SOMETHING_ELSE_OF_OURS is not a setting. `distro config` lists all settings.\n',
  )
})

it('what other verbs read, what web seeds are asked with, and what commands are told give none', async () => {
  const told = [...readFileSync('docs/releases.md', 'utf8').matchAll(/^\| `(DISTRO_\w+)`/gm)].map(([, name = '']) => [name, 'x'])
  expect(told.length).toBeGreaterThan(8)
  expect(await said(Object.fromEntries(told))).toBe('')
  expect(await said({ DISTRO_HTTP: '1', DISTRO_WEB_SEED_AUTH_MIRROR_EXAMPLE: 'a:b', DISTRO_UP_LIMIT: '1M', OTHER: 'x' })).toBe('')
})
