using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;
using Activation = NativeCnn.Backends.Operations.Activation;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;

namespace NativeCnn.Stress;

/// <summary>Something that is used again and again, and what is disposed meanwhile.</summary>
/// <param name="Use">Uses it once.</param>
/// <param name="Dispose">Disposes what is tested.</param>
/// <param name="CleanUp">Disposes the rest.</param>
internal sealed record DisposalScene(Action Use, Action Dispose, Action CleanUp)
{
    private static readonly Shape s_shape = new(4, 24, 24, 8);

    /// <summary>Every one of them, made anew by each call.</summary>
    public static (string Name, Func<DisposalScene> Create)[] All { get; } =
    [
        ("the input of an operation", () => OfOperation((input, _, _) => input)),
        ("the output of an operation", () => OfOperation((_, output, _) => output)),
        ("the backend of an operation", () => OfOperation((_, _, backend) => backend)),
        ("an arena", OfArena),
        ("a tensor that is copied", OfCopy),
        ("a compiled network", () => OfForward((_, compiled, _) => compiled)),
        ("the network of a compiled network", () => OfForward((network, _, _) => network)),
        ("the backend of a compiled network", () => OfForward((_, _, backend) => backend)),
        ("a network that is compiled", () => OfCompilation((network, _) => network)),
        ("a backend that compiles", () => OfCompilation((_, backend) => backend)),
        ("a predictor", () => OfPredictor((predictor, _, _) => predictor)),
        ("the network of a predictor", () => OfPredictor((_, network, _) => network)),
        ("the backend of a predictor", () => OfPredictor((_, _, backend) => backend)),
        ("a training step", () => OfStep((step, _, _) => step)),
        ("the network of a training step", () => OfStep((_, network, _) => network)),
        ("the backend of a training step", () => OfStep((_, _, backend) => backend)),
        ("a trainer", () => OfTrainer((trainer, _, _) => trainer)),
        ("the network of a trainer", () => OfTrainer((_, network, _) => network)),
        ("the backend of a trainer", () => OfTrainer((_, _, backend) => backend)),
        ("an evaluator", () => OfEvaluator((evaluator, _, _) => evaluator)),
        ("the network of an evaluator", () => OfEvaluator((_, network, _) => network)),
        ("the backend of an evaluator", () => OfEvaluator((_, _, backend) => backend)),
        ("a loss", OfLoss),
        ("a batch loader", OfLoader),
        ("a network that is saved", OfSaving),
    ];

    private static DisposalScene OfOperation(Func<Tensor, Tensor, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        var input = new Tensor(s_shape);
        var output = new Tensor(s_shape);
        Kernel kernel = backend.Prepare(new ActivationForward(Activation.Tanh, s_shape));
        return Of(() => kernel.Run([input, output]), choose(input, output, backend), input, output, backend);
    }

    private static DisposalScene OfArena()
    {
        var backend = new NativeBackend(2);
        var arena = new Arena(s_shape.Count * 8L);
        Tensor input = arena.At(0, s_shape);
        Tensor output = arena.At(s_shape.Count * 4L, s_shape);
        Kernel kernel = backend.Prepare(new ActivationForward(Activation.Tanh, s_shape));
        return Of(() => kernel.Run([input, output]), arena, backend);
    }

    private static DisposalScene OfCopy()
    {
        var from = new Tensor(s_shape);
        var to = new Tensor(s_shape, ElementType.Float64);
        return Of(() => from.CopyTo(to), from, to);
    }

    private static DisposalScene OfForward(Func<Network, CompiledNetwork, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        Network network = Subjects.Digits();
        Tensor images = Subjects.Images(network);
        CompiledNetwork compiled = network.Compile(backend, Subjects.BatchSize, Phase.Inference);
        return Of(
            () => compiled.Forward(images),
            choose(network, compiled, backend),
            compiled,
            network,
            images,
            backend
        );
    }

    private static DisposalScene OfCompilation(Func<Network, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        Network network = Subjects.Small();
        return Of(
            () => network.Compile(backend, Subjects.BatchSize, Phase.Training).Dispose(),
            choose(network, backend),
            network,
            backend
        );
    }

    private static DisposalScene OfPredictor(Func<Predictor, Network, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        Network network = Subjects.Small();
        var predictor = new Predictor(network, backend);
        float[] pixels = Subjects.Pixels(network, 1);
        return Of(
            () => Subjects.Ask(predictor, pixels),
            choose(predictor, network, backend),
            predictor,
            network,
            backend
        );
    }

    private static DisposalScene OfStep(Func<TrainingStep, Network, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        Network network = Subjects.Digits();
        TrainingStep step = Subjects.Step(network, backend);
        Tensor images = Subjects.Images(network);
        return Of(
            () => step.Run(images, Targets.Classes(Subjects.Labels)),
            choose(step, network, backend),
            step,
            network,
            images,
            backend
        );
    }

    private static DisposalScene OfTrainer(Func<Trainer, Network, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        Network network = Subjects.Digits();
        var trainer = new Trainer(network, backend, Subjects.OneEpoch());
        return Of(() => trainer.Train(Subjects.Examples), choose(trainer, network, backend), trainer, network, backend);
    }

    private static DisposalScene OfEvaluator(Func<Evaluator, Network, Backend, IDisposable> choose)
    {
        var backend = new NativeBackend(2);
        Network network = Subjects.Digits();
        var evaluator = new Evaluator(network, backend, Subjects.BatchSize);
        return Of(
            () => evaluator.Evaluate(Subjects.Examples),
            choose(evaluator, network, backend),
            evaluator,
            network,
            backend
        );
    }

    private static DisposalScene OfLoss()
    {
        var backend = new NativeBackend(2);
        Shape shape = Shape.Vector(Subjects.BatchSize, 10);
        var output = new Tensor(shape);
        var gradient = new Tensor(shape);
        PreparedLoss loss = new SoftmaxCrossEntropy().Prepare(backend, shape);
        return Of(
            () => loss.Evaluate(output, Targets.Classes(Subjects.Labels), 1, gradient),
            loss,
            output,
            gradient,
            backend
        );
    }

    private static DisposalScene OfLoader()
    {
        var loader = new BatchLoader(Subjects.Examples, Subjects.BatchSize);
        int epoch = 0;
        return Of(
            () =>
            {
                loader.StartEpoch(++epoch);
                while (loader.Next() is { } batch)
                    Subjects.Copy(batch.Images);
            },
            loader
        );
    }

    private static DisposalScene OfSaving()
    {
        Network network = Subjects.Small();
        _ = Subjects.Values(network);
        string folder = Directory.CreateTempSubdirectory("nativecnn-stress-").FullName;
        string file = Path.Combine(folder, "network.safetensors");
        return new DisposalScene(
            () => ModelFile.Save(file, network),
            network.Dispose,
            () => Directory.Delete(folder, recursive: true)
        );
    }

    private static DisposalScene Of(Action use, IDisposable tested, params IDisposable[] others) =>
        new(
            use,
            tested.Dispose,
            () =>
            {
                foreach (IDisposable other in others)
                    other.Dispose();
            }
        );
}
