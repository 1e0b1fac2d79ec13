/** What a command writes before it is done. Ctrl-C ends it as it ends any other: exit code 130. */

let isClosed = false

/** Waits until it is taken, so that a slow reader is not overrun. */
export const write = (text: string): Promise<boolean> =>
  new Promise((resolve) => {
    listen()
    process.stdout.write(text, (error) => resolve(!error))
  })

export async function pause(seconds: number): Promise<boolean> {
  listen()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return !isClosed
}

/** `| head` closes the pipe, which is no fault. */
function listen(): void {
  if (process.stdout.listenerCount('error') > 0) return
  process.stdout.on('error', () => (isClosed = true))
}
