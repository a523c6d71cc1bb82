/** Runs `work` with this environment in place of that of the process, as a command would find it. */
export async function withEnvironment<T>(
  environment: Record<string, string | undefined>,
  work: () => Promise<T>,
): Promise<T> {
  const {env} = process
  process.env = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined),
  ) as NodeJS.ProcessEnv
  try {
    return await work()
  } finally {
    process.env = env
  }
}
