import type { Reporter, TestModule } from 'vitest/node'

/** Says at the end which tests were left out, and why: a run that skips in silence looks like one that passed. */
export default class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => {
        const result = test.result()
        if (result.state !== 'skipped') return []
        return [`  ${module.relativeModuleId}: ${test.fullName} (${result.note ?? 'no reason given'})`]
      }),
    )
    console.log(lines.length > 0 ? `\nLeft out:\n${lines.join('\n')}` : '\nLeft out: nothing.')
  }
}
