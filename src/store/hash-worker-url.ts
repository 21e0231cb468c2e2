/** The file that a hash worker runs: beside the bundle, or, when the sources run, in the bundle that was built from them. */
export const hashWorkerUrl: URL = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/hash-worker.js', import.meta.url)
  : new URL('./hash-worker.js', import.meta.url)
