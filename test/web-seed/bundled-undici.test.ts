import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/system-clock.ts'
import type { openWebSeed } from '../../src/web-seed/open-web-seed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { foreignIdentity, rightIdentity } from './support/identities.ts'
import { readRange } from './support/read-range.ts'
import { singleFile } from './support/sample-content.ts'
import { serveContent } from './support/serve-content.ts'
import { startProxy } from './support/start-proxy.ts'
import { startHttp2Server, startServer } from './support/web-server.ts'

const sample = singleFile('file', 100_000)
const serve = serveContent({ '/file': sample.bytes })

// As scripts/build.js bundles the command and the library: what is asked for by name has to be there in both, and all that it needs.
test.each(['cjs', 'esm'] as const)('the part of undici that is bundled does all that a web seed needs (%s)', async (format) => {
  const open = await bundledOpen(format)
  const plain = await startServer(serve)
  const secure = await startHttp2Server(serve, rightIdentity)
  const far = await startServer(serve, foreignIdentity)
  const [plainProxy, farProxy] = [await startProxy(plain.port), await startProxy(far.port)]
  const env = { HTTP_PROXY: `http://127.0.0.1:${plainProxy.port}`, HTTPS_PROXY: `http://127.0.0.1:${farProxy.port}` }
  for (const [url, parts] of [
    [plain.url, {}],
    [secure.url, { authorities: rightIdentity.cert }],
    ['http://other.example/', { env }],
    ['https://other.example/', { env, authorities: foreignIdentity.cert }],
  ] as const) {
    const seed = open(url, 'operator', {
      content: sample.content,
      clock: systemClock,
      now: () => new Date(),
      env: {},
      cwd: '/',
      lookup: (_host, _options, done) => done(null, []),
      ...parts,
    })
    onTestFinished(() => seed.close())
    const { bytes, failure } = await readRange(seed, 1_000, 30_000)
    expect([url, failure]).toEqual([url, undefined])
    expect(bytes.equals(sample.bytes.subarray(1_000, 31_000))).toBe(true)
  }
  expect(secure.requests[0]?.httpVersion).toBe('2.0')
  expect(farProxy.asked).toEqual(['CONNECT other.example:443 undefined'])
})

const BANNERS = {
  cjs: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;",
  esm: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
}

async function bundledOpen(format: 'cjs' | 'esm'): Promise<typeof openWebSeed> {
  const folder = await temporaryFolder()
  const extension = format === 'cjs' ? '.cjs' : '.mjs'
  await build({
    entryPoints: { entry: 'src/web-seed/open-web-seed.ts' },
    outdir: folder,
    outExtension: { '.js': extension },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    splitting: format === 'esm',
    banner: { js: BANNERS[format] },
    ...(format === 'cjs' ? { define: { 'import.meta.url': 'moduleUrl' } } : {}),
    alias: { undici: join(process.cwd(), 'scripts/undici.js') },
    logLevel: 'silent',
  })
  return (await import(pathToFileURL(join(folder, `entry${extension}`)).href)).openWebSeed
}
