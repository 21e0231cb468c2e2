import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { build } from 'esbuild'

/** Builds dist/ once for a run of the tests: the hash workers and the built command come from there. */
export async function setup(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, ['scripts/build.js'])
  } catch (cause) {
    console.error('the build failed; tests of the built command will fail too', String(cause).slice(0, 300))
    await build({
      logLevel: 'silent',
      entryPoints: ['src/store/hash-worker.ts'],
      outdir: 'dist',
      bundle: true,
      format: 'esm',
      platform: 'node',
    }).catch(() => {})
  }
}
