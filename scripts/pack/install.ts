export async function installTarball(_folder: string): Promise<string> {
  throw new Error('soon')
}
