/** Whether Gatehouse decrypts. Until it does it refuses whatever is encrypted, for being that. */
const decrypts = false

export const onceOpened = (answer: string): string => (decrypts ? answer : 'encrypted-unsupported')
