import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
    // ONNX Runtime writes a telemetry database under the home folder unless told not to before it is loaded.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Whole use cases run in tests, on as little as two cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
