// Times ONNX Runtime's inference of a network that torch_network.py has exported, and prints one JSON object.
//
//   node onnxruntime_network.js DIR NETWORK BATCHxCHANNELSxHEIGHTxWIDTH THREADS SECONDS
//
// It is started by compare_networks.py with NODE_PATH at the folder that holds the npm package onnxruntime-node.
// The outputs are first compared with PyTorch's for the same input.
'use strict';
const fs = require('fs');
const path = require('path');
const ort = require('onnxruntime-node');

const WARM_UPS = 3;
const MIN_RUNS = 5;
// Of the largest output: both sides round in float32, in different orders.
const TOLERANCE = 1e-3;

function readFloats(file) {
  const bytes = fs.readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function checkOutputs(actual, expected) {
  if (actual.length !== expected.length) throw new Error(`${actual.length} outputs instead of ${expected.length}`);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN fails.
    if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * largest))
      throw new Error(`output ${i} is ${actual[i]} where PyTorch computes ${expected[i]}`);
  }
}

const milliseconds = (start) => Number(process.hrtime.bigint() - start) / 1e6;

function median(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

// The time that 99 of 100 runs did not exceed, as NativeCnn counts it.
function percentile99(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(0.99 * sorted.length) - 1];
}

async function main([folder, network, shape, threads, seconds]) {
  const session = await ort.InferenceSession.create(path.join(folder, `${network}.onnx`), {
    executionProviders: ['cpu'],
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const input = readFloats(path.join(folder, `${network}.input`));
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', input, shape.split('x').map(Number)) };
  const output = (await session.run(feeds))[session.outputNames[0]];
  checkOutputs(output.data, readFloats(path.join(folder, `${network}.output`)));

  for (let i = 0; i < WARM_UPS; i++) await session.run(feeds);
  const times = [];
  const start = process.hrtime.bigint();
  while (times.length < MIN_RUNS || milliseconds(start) < seconds * 1e3) {
    const before = process.hrtime.bigint();
    await session.run(feeds);
    times.push(milliseconds(before));
  }
  const { version } = require('onnxruntime-node/package.json');
  const fastest = times.reduce((least, time) => Math.min(least, time));
  console.log(
    JSON.stringify({
      onnxruntime: version,
      infer_ms: median(times),
      infer_ms_min: fastest,
      infer_ms_p99: percentile99(times),
      infer_passes: times.length,
    }),
  );
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
