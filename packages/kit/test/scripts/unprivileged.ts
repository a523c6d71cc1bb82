// Gives up root, if it has it, and then does what the script named in its first argument does.
const [script = '', ...rest] = process.argv.slice(2)

if (process.geteuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(65_534)
  process.setuid?.(65_534)
}
process.argv.splice(2, process.argv.length, ...rest)
await import(script)
