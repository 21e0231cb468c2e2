// Loaded into the built command before it starts: kills it right before the step DIE_AT that changes a directory entry below DIE_IN,
// counted from the moment at which a release is in place there, or could not be moved there since a part of it is; with DIE_FROM=start from the beginning.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname } from 'node:path'
import { env, kill, pid } from 'node:process'

const { DIE_AT, DIE_FROM, DIE_IN } = env
let step = DIE_FROM === 'start' ? 0 : -1

for (const name of ['rename', 'symlink', 'rm', 'rmdir', 'link', 'unlink', 'open', 'copyFile', 'mkdir']) {
  const real = fs[name]
  fs[name] = async (...words) => {
    const paths = words.filter((word) => typeof word === 'string')
    const isReading = name === 'open' && !String(words[1]).includes('w')
    if (step >= 0 && !isReading && paths.some((path) => path.startsWith(DIE_IN))) {
      step++
      if (step === Number(DIE_AT)) kill(pid, 'SIGKILL')
    }
    try {
      return await real(...words)
    } finally {
      if (name === 'rename' && step < 0 && dirname(words[1]) === DIE_IN && basename(words[1]).startsWith('app-')) step = 0
    }
  }
}
syncBuiltinESMExports()
