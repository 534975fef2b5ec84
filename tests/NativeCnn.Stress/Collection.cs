using System.Diagnostics;
using System.Runtime.CompilerServices;
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
    private static readonly ConvolutionGeometry s_convolution = new(new Shape(4, 12, 12, 4), 8, 3);
    private static readonly PoolingGeometry s_pooling = new(new Shape(4, 12, 12, 8), 2);
    private static readonly Shape s_shape = new(4, 24, 24, 8);

    private static readonly Operation[] s_operations =
    [
        new ActivationForward(Activation.Tanh, s_shape),
        new ActivationBackward(Activation.Tanh, s_shape),
        new SoftmaxForward(Shape.Vector(64, 10)),
        new ConvolutionForward(s_convolution, Activation.Relu, hasBias: true),
        new ConvolutionBackwardData(s_convolution),
        new ConvolutionBackwardFilter(s_convolution),
        new MaxPoolingForward(s_pooling, wantsArgmax: true),
        new MaxPoolingBackward(s_pooling),
        new DenseForward(Shape.Vector(16, 128), Shape.Vector(64, 128), Activation.Relu, hasBias: true),
        new Addition(s_shape),
    ];

    public static void Run(int seconds, Faults faults)
    {
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
        Kernel[] kernels = [.. s_operations.Select(backend.Prepare)];
        float[][] expected = [.. kernels.Select(ComputeHeld)];
        for (int i = 0; goesOn(); i = (i + 1) % kernels.Length)
        {
            string where = $"{kernels[i].Operation.Name} on {backend.Name} with {backend.Threads} threads";
            faults.Compare(where, expected[i], Compute(kernels[i]));
            faults.Tick();
        }
    }

    // All operands are held until the end.
    private static float[] ComputeHeld(Kernel kernel)
    {
        Tensor[] operands = Operands(kernel);
        kernel.Run(operands);
        float[] values = Subjects.Copy(operands[Output(kernel)]);
        foreach (Tensor operand in operands)
            operand.Dispose();
        return values;
    }

    // Only what is looked at afterwards is held.
    private static float[] Compute(Kernel kernel)
    {
        Tensor[] operands = Operands(kernel);
        Tensor output = operands[Output(kernel)];
        kernel.Run(operands);
        return Subjects.Copy(output);
    }

    private static Tensor[] Operands(Kernel kernel)
    {
        IReadOnlyList<Operand> declared = kernel.Operation.Operands;
        var operands = new Tensor[declared.Count];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = new Tensor(declared[i].Shape, declared[i].TypeOn(ElementType.Float32));
            Subjects.Fill(operands[i], i);
        }
        return operands;
    }

    private static int Output(Kernel kernel)
    {
        int output = 0;
        while (kernel.Operation.Operands[output].Role == OperandRole.Read)
            output++;
        return output;
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
}
