using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;
using Activation = NativeCnn.Backends.Operations.Activation;
using Addition = NativeCnn.Backends.Operations.Addition;

namespace NativeCnn.Stress;

/// <summary>
/// Garbage is collected while tensors are in use that nothing but the operation under way refers to: their memory stays
/// until it is done, and results are right.
/// </summary>
internal static class Collection
{
    private static readonly ConvolutionGeometry s_convolution = new(new Shape(4, 24, 24, 8), 16, 3);
    private static readonly PoolingGeometry s_pooling = new(new Shape(4, 12, 12, 8), 2);
    private static readonly Shape s_shape = new(4, 48, 48, 16);

    private static readonly Operation[] s_operations =
    [
        new ActivationForward(Activation.Tanh, s_shape),
        new ActivationBackward(Activation.Tanh, s_shape),
        new SoftmaxForward(Shape.Vector(2048, 10)),
        new ConvolutionForward(s_convolution, Activation.Relu, hasBias: true),
        new ConvolutionBackwardData(s_convolution),
        new ConvolutionBackwardFilter(s_convolution),
        new MaxPoolingForward(s_pooling, wantsArgmax: true),
        new MaxPoolingBackward(s_pooling),
        new DenseForward(Shape.Vector(32, 512), Shape.Vector(256, 512), Activation.Relu, hasBias: true),
        new Addition(s_shape),
    ];

    public static void Run(int seconds, Faults faults)
    {
        faults.Begin("collection");
        var clock = Stopwatch.StartNew();
        bool GoesOn() => clock.Elapsed.TotalSeconds < seconds;
        faults.RunTogether(
            () => CollectWhile(GoesOn),
            () => ComputeOperations(() => new NativeBackend(1), GoesOn, faults),
            () => ComputeOperations(() => new NativeBackend(2), GoesOn, faults),
            () => ComputeOperations(() => new ManagedBackend(), GoesOn, faults),
            () => Copy(GoesOn, faults),
            () => Predict(GoesOn, faults),
            () => Train(GoesOn, faults)
        );
    }

    private static void CollectWhile(Func<bool> goesOn)
    {
        for (int i = 0; goesOn(); i++)
        {
            MakeGarbage(i);
            GC.Collect(i % 8 == 0 ? GC.MaxGeneration : 0, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
        }
    }

    // Of the sizes that the others use, and with values that they never have: memory that was freed too early is soon
    // one of these.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeGarbage(int i)
    {
        var tensor = new Tensor(i % 2 == 0 ? s_shape : s_convolution.Input);
        tensor.Span.Fill(12345);
        var arena = new Arena(s_shape.Count * 8L);
        Tensor view = arena.At(64, s_convolution.Input).View(Shape.Vector(1, s_convolution.Input.Count));
        view.Span.Fill(12345);
        GC.KeepAlive(tensor);
        GC.KeepAlive(view);
    }

    private static void ComputeOperations(Func<Backend> create, Func<bool> goesOn, Faults faults)
    {
        using Backend backend = create();
        Computation[] computations = [.. s_operations.Select(operation => new Computation(backend, operation))];
        float[][] expected = [.. computations.Select(computation => computation.RunHeld())];
        for (int i = 0; goesOn(); i = (i + 1) % computations.Length)
        {
            string where = $"{s_operations[i].Name} on {backend.Name} with {backend.Threads} threads";
            faults.Compare(where, expected[i], computations[i].Run());
            faults.Tick();
        }
    }

    private static void Copy(Func<bool> goesOn, Faults faults)
    {
        float[] expected = Subjects.Copy(Filled());
        using var single = new Tensor(s_shape);
        using var twofold = new Tensor(s_shape, ElementType.Float64);
        while (goesOn())
        {
            single.Clear();
            Filled().View(Shape.Vector(1, s_shape.Count)).CopyTo(single.View(Shape.Vector(1, s_shape.Count)));
            faults.Compare("a copy of a view", expected, single.Span);
            Filled().CopyTo(twofold);
            single.Clear();
            twofold.CopyTo(single);
            faults.Compare("a copy in another type", expected, single.Span);
            new Tensor(s_shape).Clear();
            faults.Tick();
        }
    }

    private static Tensor Filled()
    {
        var tensor = new Tensor(s_shape);
        Subjects.Fill(tensor, 9);
        return tensor;
    }

    private static void Predict(Func<bool> goesOn, Faults faults)
    {
        using var backend = new NativeBackend(2);
        using Network network = Subjects.Small();
        float[] pixels = Subjects.Pixels(network, 1);
        float[] expected = PredictOnce(backend, pixels);
        float[] outputs = ForwardOnce(backend);
        while (goesOn())
        {
            faults.Compare("an undisposed predictor", expected, PredictOnce(backend, pixels));
            faults.Compare("an undisposed compiled network", outputs, ForwardOnce(backend));
            faults.Tick();
        }
    }

    private static float[] PredictOnce(Backend backend, float[] pixels) =>
        Subjects.Ask(new Predictor(Subjects.Small(), backend), pixels);

    private static float[] ForwardOnce(Backend backend)
    {
        Network network = Subjects.Small();
        CompiledNetwork compiled = network.Compile(backend, Subjects.BatchSize, Phase.Inference);
        compiled.Forward(Subjects.Images(network));
        return Subjects.Copy(compiled.Output);
    }

    private static void Train(Func<bool> goesOn, Faults faults)
    {
        using var backend = new NativeBackend(2);
        float[] expected = TrainOnce(backend);
        float[] epoch = TrainEpoch(backend);
        while (goesOn())
        {
            faults.Compare("undisposed training steps", expected, TrainOnce(backend));
            faults.Compare("an undisposed trainer", epoch, TrainEpoch(backend));
            faults.Tick();
        }
    }

    private static float[] TrainOnce(Backend backend)
    {
        Network network = Subjects.Digits();
        TrainingStep step = Subjects.Step(network, backend);
        for (int i = 0; i < 3; i++)
            step.Run(Subjects.Images(network), Targets.Classes(Subjects.Labels));
        return Subjects.Values(network);
    }

    private static float[] TrainEpoch(Backend backend)
    {
        Network network = Subjects.Digits();
        new Trainer(network, backend, Subjects.OneEpoch()).Train(Subjects.Examples);
        return Subjects.Values(network);
    }

    /// <summary>An operation and the values of its operands.</summary>
    private sealed class Computation
    {
        private readonly Kernel _kernel;
        private readonly byte[][] _values;
        private readonly int _output;

        public Computation(Backend backend, Operation operation)
        {
            _kernel = backend.Prepare(operation);
            _values = [.. operation.Operands.Select(Values)];
            while (operation.Operands[_output].Role == OperandRole.Read)
                _output++;
        }

        /// <summary>The first output, computed while every operand is held.</summary>
        public float[] RunHeld()
        {
            Tensor[] operands = Operands();
            _kernel.Run(operands);
            float[] values = Subjects.Copy(operands[_output]);
            foreach (Tensor operand in operands)
                operand.Dispose();
            return values;
        }

        /// <summary>The first output, the only operand that is held.</summary>
        public float[] Run()
        {
            Tensor[] operands = Operands();
            Tensor output = operands[_output];
            _kernel.Run(operands);
            return Subjects.Copy(output);
        }

        private static byte[] Values(Operand operand, int index)
        {
            using var tensor = new Tensor(operand.Shape, operand.TypeOn(ElementType.Float32));
            Subjects.Fill(tensor, index);
            byte[] values = new byte[tensor.ByteCount];
            if (tensor.Type == ElementType.Float32)
                MemoryMarshal.AsBytes(tensor.Span).CopyTo(values);
            return values;
        }

        private Tensor[] Operands()
        {
            IReadOnlyList<Operand> declared = _kernel.Operation.Operands;
            var operands = new Tensor[declared.Count];
            for (int i = 0; i < operands.Length; i++)
            {
                operands[i] = new Tensor(declared[i].Shape, declared[i].TypeOn(ElementType.Float32));
                if (operands[i].Type == ElementType.Float32)
                    _values[i].CopyTo(MemoryMarshal.AsBytes(operands[i].Span));
                GC.KeepAlive(operands[i]);
            }
            return operands;
        }
    }
}
