import { Worker } from 'node:worker_threads'

/**
 * Threads that each run the program and do one job at a time: it is posted to them, and the first message back is the
 * answer. One is started when all others have work, so whoever asks bounds how many there are; they stay for the next job,
 * and keep no process from ending while they have none. One that dies takes its own job with it and no other.
 */
export function makeThreads<Job, Answer>(program: URL): (job: Job) => Promise<Answer> {
  const idle: Thread<Job, Answer>[] = []
  return (job) => (idle.pop() ?? startThread<Job, Answer>(program, idle)).do(job)
}

interface Thread<Job, Answer> {
  do(job: Job): Promise<Answer>
}

// A thread's heap is some 5 MB, of which 4 are Node itself; without a bound its short-lived part grows to 16 MB and more.
const HEAP = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 }

function startThread<Job, Answer>(program: URL, idle: Thread<Job, Answer>[]): Thread<Job, Answer> {
  // What NODE_OPTIONS has every process load first, for its operator to watch it, would not fit into this heap.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const worker = new Worker(program, { resourceLimits: HEAP, execArgv: [], env })
  let asked: { resolve(answer: Answer): void; reject(error: Error): void } | undefined
  const thread: Thread<Job, Answer> = {
    do: (job) =>
      new Promise((resolve, reject) => {
        asked = { resolve, reject }
        worker.ref()
        worker.postMessage(job)
      }),
  }
  worker.on('message', (answer: Answer) => {
    worker.unref()
    idle.push(thread)
    asked?.resolve(answer)
    asked = undefined
  })
  const end = (cause?: unknown) => {
    const at = idle.indexOf(thread)
    if (at >= 0) idle.splice(at, 1)
    asked?.reject(new Error('the thread ended before its job was done', { cause }))
    asked = undefined
  }
  worker.on('error', end)
  worker.on('exit', (code) => end(`exit code ${code}`))
  return thread
}
