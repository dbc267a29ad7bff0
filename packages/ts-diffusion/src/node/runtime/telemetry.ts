/**
 * Makes sure that ONNX Runtime, loaded afterwards by this process or by a child of it, sends no telemetry and writes no device
 * id and no events under the home directory, as it does unless `ORT_DISABLE_TELEMETRY` is set. A value that the user has set
 * stays. A worker thread has a copy of the environment that the library does not see: set the variable before the program
 * starts, or load the library in the main thread first.
 */
export function disableTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
