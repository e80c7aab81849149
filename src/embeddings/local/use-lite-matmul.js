// @ts-check

/**
 * @typedef {{ dataId: object, shape: number[], dispose(): void }} Tensor
 * @typedef {{ inputs: { a: Tensor, b: Tensor }, attrs: { transposeA: boolean, transposeB: boolean } }} MatMulCall
 * @typedef {(call: MatMulCall) => Tensor} MatMul
 * @typedef {(leftId: number, leftShape: Uint8Array, leftRank: number, rightId: number, rightShape: Uint8Array,
 *   rightRank: number, transposeLeft: number, transposeRight: number, outId: number) => void} NativeMatMul
 * @typedef {{ registerTensor(id: number, size: number, offset: number): void, disposeData(id: number): void }} Heap
 *
 * @typedef {object} WasmBackend What is used of the WebAssembly backend of TensorFlow.js 4.
 * @property {{ tfjs: Heap, cwrap(name: string, result: null, parameters: string[]): NativeMatMul }} wasm
 * @property {{ get(dataId: object): { memoryOffset: number } | undefined }} dataIdMap
 * @property {number} dataIdNextNumber
 * @property {(shape: number[], dtype: string) => Tensor} makeOutput
 *
 * @typedef {object} Kernels What is used of TensorFlow.js.
 * @property {() => WasmBackend} backend
 * @property {() => string} getBackend
 * @property {(name: string, backend: string) => { kernelFunc: MatMul } | undefined} getKernel
 * @property {(name: string, backend: string) => void} unregisterKernel
 * @property {(kernel: { kernelFunc: MatMul }) => void} registerKernel
 * @property {(tensor: Tensor, order: number[]) => Tensor} transpose
 */

const FLOAT_BYTES = 4;

/** @param {number[]} shape */
const shapeBytes = (shape) => new Uint8Array(new Int32Array(shape).buffer);

/**
 * Makes the multiplications of attention several times as fast, and with them the whole model 1.5 times.
 *
 * The backend multiplies two matrices with its vector library, but a batch of pairs with a plain loop, in which the
 * model spends almost half its time. This hands the pairs over one at a time, as windows on the memory of the whole
 * tensors. Where the backend is another one or looks otherwise, its own kernel stays.
 *
 * @param {Kernels} core
 * @returns {boolean} whether the kernel was replaced
 */
export const speedUpMatMul = (core) => {
  const stock = core.getKernel("BatchMatMul", "wasm");
  const backend = core.backend();
  const heap = backend.wasm?.tfjs;
  if (core.getBackend() !== "wasm" || !stock || !heap?.registerTensor || !backend.makeOutput) return false;
  const native = backend.wasm.cwrap("BatchMatMul", null, [
    ...["number", "array", "number"],
    ...["number", "array", "number"],
    ...["number", "number", "number"],
  ]);

  /** @param {Tensor} tensor */
  const offsetOf = (tensor) => {
    const entry = backend.dataIdMap.get(tensor.dataId);
    if (!entry) throw new Error("a tensor has no memory");
    return entry.memoryOffset;
  };

  /** @type {MatMul} */
  const pairByPair = (call) => {
    const { a: left, b } = call.inputs;
    const [groups = 0, heads = 0, rows = 0, inner = 0] = left.shape;
    const paired = left.shape.length === 4 && b.shape[0] === groups && b.shape[1] === heads;
    if (!paired || b.shape.length !== 4 || call.attrs.transposeA) return stock.kernelFunc(call);
    const right = call.attrs.transposeB ? core.transpose(b, [0, 1, 3, 2]) : b;
    const columns = right.shape[3] ?? 0;
    const out = backend.makeOutput([groups, heads, rows, columns], "float32");
    const windows = [
      { offset: offsetOf(left), size: rows * inner },
      { offset: offsetOf(right), size: inner * columns },
      { offset: offsetOf(out), size: rows * columns },
    ];
    for (let pair = 0; pair < groups * heads; pair++) {
      const [leftId = 0, rightId = 0, outId = 0] = windows.map(({ offset, size }) => {
        const id = backend.dataIdNextNumber++;
        heap.registerTensor(id, size, offset + pair * size * FLOAT_BYTES);
        return id;
      });
      native(
        leftId,
        shapeBytes([1, rows, inner]),
        3,
        rightId,
        shapeBytes([1, inner, columns]),
        3,
        0,
        0,
        outId,
      );
      for (const id of [leftId, rightId, outId]) heap.disposeData(id);
    }
    if (right !== b) right.dispose();
    return out;
  };

  core.unregisterKernel("BatchMatMul", "wasm");
  core.registerKernel({ ...stock, kernelFunc: pairByPair });
  return true;
};
