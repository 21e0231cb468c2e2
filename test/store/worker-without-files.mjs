// Ends as a worker does whose program could not be opened.
throw Object.assign(new Error("EMFILE: too many open files, open 'hash-worker.js'"), { code: 'EMFILE' })
