/** A clock that moves only when told. */
export interface ManualClock {
  (): number
  advance(ms: number): void
}

export function createManualClock(start = 0): ManualClock {
  let time = start
  const advance = (ms: number) => {
    time += ms
  }
  return Object.assign(() => time, { advance })
}

/** Lets everything happen that needs no time. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
