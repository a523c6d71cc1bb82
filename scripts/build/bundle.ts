export async function bundle(): Promise<void> {}
