import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { clients } from './clients/all.ts'
import { isInstalled } from './clients/installed.ts'
import { makeContent, onLoopback } from './content.ts'

test.each(clients.filter(isInstalled))('a copy of $name counts once, beside those of hosts that tell of theirs', async (client) => {
  const content = await makeContent('v1')
  const port = await freePort()
  const leech = await client.start({
    folder: await content.folder('out'),
    id: content.torrent,
    peers: [['127.0.0.1', port]],
    state: await content.folder('client'),
  })
  const words = ['seed', content.tree, '--torrent', content.torrent, '--peer', `127.0.0.1:${leech.port}`, '--until-copies', '2']
  const seed = spawnDistro([...words, ...onLoopback(await content.folder('seed'), port)])
  await leech.finished(90_000)
  await seed.event('copies')
  const places = ['--out', await content.folder('copy'), '--peer', `127.0.0.1:${port}`, '--host-name', 'one']
  const fetch = spawnDistro(['fetch', content.torrent, ...places, ...onLoopback(await content.folder('fetch'))])
  expect(await fetch.exited, fetch.output).toEqual({ code: 0, signal: null })
  expect(await seed.exited, seed.output).toEqual({ code: 0, signal: null })
  expect(seed.events('copies')).toMatchObject([
    { complete: 1, host: { id: null, name: null } },
    { complete: 2, host: { name: 'one' } },
  ])
})
