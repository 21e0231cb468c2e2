import { access, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { file, folderInfo, torrent } from '../../torrent/build-torrent.ts'
import { startFetch } from '../support/running-verb.ts'

const magnet = 'magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567'

describe('a web seed that the person named wrongly', () => {
  it.each([
    ['of another scheme', 'gopher://x/', {}, 'The web seed gopher://x/ is not a well-formed URL of http or https.'],
    ['that is no URL', 'mirror', {}, 'The web seed "mirror" is not a well-formed URL of http or https.'],
    ['that is no URL and holds a password', 'user:pw@mirror', {}, 'A web seed is not a well-formed URL of http or https.'],
    ['for pieces, of another scheme', 'bep17+ftp://x/', {}, 'not a well-formed URL of http or https'],
    ['on another machine', 'file://elsewhere/srv', {}, 'not a file URL of this machine'],
    ['that is a bucket without keys', 's3://bucket/', {}, 'cannot be read without AWS_ACCESS_KEY_ID'],
    ['behind a proxy that is none', 'https://m.example/', { HTTPS_PROXY: 'socks5://p.example' }, 'The proxy that HTTPS_PROXY names'],
  ])('%s ends a fetch before it joins a network', async (_what, webSeed, env, sentence) => {
    const outDir = join(await temporaryFolder(), 'out')
    const fetching = startFetch({ id: magnet, outDir, webSeeds: ['/srv', webSeed], webSeedAccess: { env, cwd: '/' } })
    await expect(fetching.result).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(sentence) })
    expect(fetching.told).toEqual([])
    await expect(access(outDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('that is a folder which is not there ends a fetch before it joins a network', async () => {
    const outDir = join(await temporaryFolder(), 'out')
    const place = { id: magnet, outDir, webSeedAccess: { env: {}, cwd: outDir } }
    for (const webSeed of [outDir, './a', `file://${outDir}/a`]) {
      const fetching = startFetch({ ...place, webSeeds: ['https://m.example/', webSeed] })
      await expect(fetching.result).rejects.toMatchObject({
        code: 'INPUT_MISSING',
        message: expect.stringMatching(/^The web seed ".*out.*" is not there\.$/),
      })
      expect(fetching.told).toEqual([])
    }
  })

  it('with a query, for a folder, ends a fetch that has the .torrent before it joins a network', async () => {
    const folder = await temporaryFolder()
    const id = join(folder, 'a.torrent')
    await writeFile(id, torrent(folderInfo([file('a', 10)])))
    const fetching = startFetch({ id, outDir: join(folder, 'out'), webSeeds: ['https://m.example/?sig=1'] })
    await expect(fetching.result).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('has a query') })
    expect(fetching.told).toEqual([])
  })

  it('ends a fetch before the .torrent is asked for', async () => {
    const asked: unknown[] = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const fetching = startFetch({ id: `http://127.0.0.1:${port}/a.torrent`, outDir: await temporaryFolder(), webSeeds: ['gopher://x/'] })
    await expect(fetching.result).rejects.toMatchObject({ code: 'USAGE' })
    expect(asked).toEqual([])
  })
})
