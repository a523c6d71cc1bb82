// Tests say what the environment is: nothing of the developer's own may leak in.
process.env.NODE_ENV = 'test'
for (const name of Object.keys(process.env)) {
  if (name.startsWith('PARIX_') && name !== 'PARIX_CHROMIUM') delete process.env[name]
}
