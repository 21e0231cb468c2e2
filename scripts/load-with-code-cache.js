import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'

const digestBytes = 32

/** Where the compiled form of a bundle is kept. */
export function codeCachePath(path) {
  return `${path}.cache`
}

/**
 * What a code cache begins with. V8 looks at its own version, its flags and the length of the text before it takes one; whether it is the
 * same text is for us to tell.
 */
export function codeCacheDigest(text) {
  return createHash('sha256').update(text).digest()
}

/**
 * Compiles a CommonJS bundle with the code cache that the build made beside it, if there is one that fits this bundle and this Node:
 * what every command needs is there at once then, and a fetch begins 50 ms sooner. Otherwise it is compiled as it always is.
 */
export function compileBundle(path) {
  const text = readFileSync(path)
  // Its own name alone: the cache keeps the name that was given to whoever made it.
  const options = { filename: basename(path), cachedData: codeCacheOf(path, text) }
  return new Script(`(function(exports,require,module,__filename){${text.toString()}\n})`, options)
}

function codeCacheOf(path, text) {
  try {
    const cache = readFileSync(codeCachePath(path))
    return codeCacheDigest(text).equals(cache.subarray(0, digestBytes)) ? cache.subarray(digestBytes) : undefined
  } catch {
    return undefined
  }
}

/** Loads a bundle, and the bundles beside it that it requires, with their code caches; `onCompiled` is told of each. */
export function loadBundle(path, onCompiled = () => undefined, loaded = new Map()) {
  const known = loaded.get(path)
  if (known !== undefined) return known.exports
  const script = compileBundle(path)
  onCompiled(path, script)
  const requireOther = createRequire(path)
  const requireHere = (name) => (name.startsWith('./') ? loadBundle(join(dirname(path), name), onCompiled, loaded) : requireOther(name))
  const module = { exports: {} }
  loaded.set(path, module)
  script.runInThisContext()(module.exports, requireHere, module, path)
  return module.exports
}
