#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  stop(`distro needs Node 20.19 or later, and this is ${process.version}.`, 'Install a newer Node from https://nodejs.org.')
} else {
  import('../dist/main.js')
    .then(({ main }) => main())
    .catch((error) => {
      const isMissing = error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('dist/main.js')
      if (isMissing) stop('distro is not built: dist/main.js is missing.', 'Run `npm run build` in the folder of distro first.')
      else if (error.code === 'EMFILE')
        stop('distro cannot read its own program: the limit of open files, ulimit -n, is reached.', 'Raise it with ulimit -n.', 6)
      else throw error
    })
}

function stop(sentence, hint, exitCode = 2) {
  process.stderr.write(`error: ${sentence}\n hint: ${hint}\n`)
  process.exitCode = exitCode
}
