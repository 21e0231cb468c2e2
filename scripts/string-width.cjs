// Stands in for the package `string-width` in the bundle. The real one sets up a word segmenter when it is loaded, which costs
// every command 18 ms; yargs wants it to lay out its help and cli-progress its own format, and distro uses neither.
module.exports = (text) => [...text].length
