using System.Reflection;
using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Initializers;
using NativeCnn.Layers;
using NativeCnn.Losses;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Optimizers;
using NativeCnn.Parameters;
using NativeCnn.Randomness;
using NativeCnn.Schedules;
using NativeCnn.Tensors;
using NativeCnn.Training;
using NativeCnn.Verification;

namespace NativeCnn.Tests.PublicApi;

/// <summary>
/// Right and wrong arguments by type. What the table lacks is made by its own public constructor from what the table
/// has; a type for which neither works fails the test, so that a new type gets its row.
/// </summary>
internal sealed class Arguments : IDisposable
{
    private static readonly Shape Small = new(2, 4, 4, 2);
    private static readonly Shape Huge = new(1, 46341, 46340, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly List<IDisposable> _made = [];
    private readonly Dictionary<Type, Func<object>> _right;

    public Arguments()
    {
        _right = new Dictionary<Type, Func<object>>
        {
            [typeof(bool)] = () => true,
            [typeof(int)] = () => 2,
            [typeof(long)] = () => 64L,
            [typeof(ulong)] = () => 1UL,
            [typeof(float)] = () => 0.5f,
            [typeof(double)] = () => 0.5,
            [typeof(string)] = () => Path.Combine(_folder, "file"),
            [typeof(TimeSpan)] = () => TimeSpan.FromMilliseconds(1),
            [typeof(CancellationToken)] = () => CancellationToken.None,
            [typeof(Exception)] = () => new InvalidOperationException("x"),
            [typeof(Shape)] = () => Small,
            [typeof(Size2)] = () => new Size2(2, 2),
            [typeof(Padding)] = () => new Padding(1, 0, 1, 0),
            [typeof(ConnectionTable)] = () => ConnectionTable.Full(2, 2),
            [typeof(Activation)] = () => Activation.Relu,
            [typeof(DropoutOptions)] = () => new DropoutOptions(1, 0.5f),
            [typeof(GaussianWindow)] = () => new GaussianWindow(3, 1),
            [typeof(SubtractiveNorm)] = () => new SubtractiveNorm(3, 1),
            [typeof(DivisiveNorm)] = () => new DivisiveNorm(3, 1),
            [typeof(BrightnessNormOptions)] = () => new BrightnessNormOptions(1, 1, 0.5f),
            [typeof(LocalResponseNormOptions)] = () => new LocalResponseNormOptions(3, 1, 1, 1),
            [typeof(ConvolutionGeometry)] = () => new ConvolutionGeometry(Small, 3, new Size2(2, 2)),
            [typeof(PoolingGeometry)] = () => new PoolingGeometry(Small, new Size2(2, 2)),
            [typeof(Operation)] = () => new SoftmaxForward(Small),
            [typeof(ConvolutionOperation)] = () =>
                new ConvolutionForward(new ConvolutionGeometry(Small, 3, new Size2(2, 2)), Activation.Identity, true),
            [typeof(LossOperation)] = () =>
                new NativeCnn.Losses.SoftmaxCrossEntropy().Declare(Shape.Vector(2, 3), TargetKind.Classes, true),
            [typeof(NativeCnn.Backends.Operations.SoftmaxCrossEntropy)] = () =>
                new NativeCnn.Losses.SoftmaxCrossEntropy().Declare(Shape.Vector(2, 3), TargetKind.Classes, true),
            [typeof(WeightedCrossEntropy)] = () => new WeightedCrossEntropy(Shape.Vector(2, 3), 0.1, null, true),
            [typeof(UpdateOperation)] = () => new Sgd().Declare(Small),
            [typeof(Backend)] = () => Keep(new ManagedBackend()),
            [typeof(ManagedBackend)] = () => Keep(new ManagedBackend()),
            [typeof(NativeBackend)] = () => Keep(new NativeBackend(1)),
            [typeof(NativeBackendOptions)] = () => new NativeBackendOptions { Threads = 1 },
            [typeof(CompositeBackend)] = () => Keep(new CompositeBackend(Keep(new ManagedBackend()))),
            [typeof(Kernel)] = () => Keep(new ManagedBackend()).Prepare(new SoftmaxForward(Small)),
            [typeof(Tensor)] = () => Keep(new Tensor(Small)),
            [typeof(Arena)] = () => Keep(new Arena(4096)),
            [typeof(Initializer)] = () => Initializer.HeNormal,
            [typeof(Layer)] = () => new Flatten(),
            [typeof(CatalogModel)] = () => ModelCatalog.Find("lenet"),
            [typeof(Pooling)] = () => new MaxPooling(2),
            [typeof(AveragingPooling)] = () => new AveragePooling(2),
            [typeof(DividingNorm)] = () => new BrightnessNorm(),
            [typeof(MaskedLayer)] = () => new NativeCnn.Layers.Dropout(),
            [typeof(AdaptivePooling)] = () => new AdaptiveMaxPooling(2),
            [typeof(PointwiseActivation)] = () => new PointwiseActivation(Activation.Tanh),
            [typeof(LayerContext)] = () => Captured().Context,
            [typeof(Symbol)] = () => Captured().Context.Input,
            [typeof(Loss)] = () => new NativeCnn.Losses.SoftmaxCrossEntropy(),
            [typeof(PreparedLoss)] = () =>
                Keep(
                    new NativeCnn.Losses.SoftmaxCrossEntropy().Prepare(Keep(new ManagedBackend()), Shape.Vector(2, 3))
                ),
            [typeof(Penalty)] = () => new NativeCnn.Losses.WeightPenalty(WeightPenaltyKind.L2, 0.1),
            [typeof(Optimizer)] = () => new Sgd { LearningRate = 0.1f },
            [typeof(Parameter)] = () => new Parameter("p", Small, Initializer.Zero),
            [typeof(Network)] = NewNetwork,
            [typeof(NetworkNode)] = () => NewNetwork().Nodes[0],
            [typeof(NetworkBuilder)] = () => NetworkBuilder.Start(4, 4, 2).Builder,
            [typeof(Node)] = () => NetworkBuilder.Start(4, 4, 2),
            [typeof(CompiledNetwork)] = () => Keep(NewNetwork().Compile(Keep(new ManagedBackend()), 2, Phase.Training)),
            [typeof(ChannelNormalization)] = () => new ChannelNormalization([0.5f, 0.5f], [0.25f, 0.25f]),
            [typeof(SkippedFile)] = () => new SkippedFile("a", "it is empty"),
            [typeof(RandomStream)] = () => new RandomStream(1),
            [typeof(DatasetSlice)] = () => new DatasetSlice(SyntheticDigits.CreateTrain(4), 0, 2),
            [typeof(IDataset)] = () => SyntheticDigits.CreateTrain(4),
            [typeof(SyntheticDigits)] = () => SyntheticDigits.CreateTrain(4),
            [typeof(Batch)] = () =>
            {
                BatchLoader loader = Keep(new BatchLoader(SyntheticDigits.CreateTrain(4), 2));
                loader.StartEpoch(0);
                return loader.Next()!;
            },
            [typeof(Image)] = () => new Image(1, 2, 1, [0, 1]),
            [typeof(IdxFile)] = () => IdxFile.Read(Written("i", [0, 0, 8, 1, 0, 0, 0, 1, 7]), 1),
            [typeof(SafetensorsFile)] = () =>
            {
                ModelFile.Save(Path.Combine(_folder, "m"), NewNetwork());
                return Keep(SafetensorsFile.Open(Path.Combine(_folder, "m")));
            },
            [typeof(Predictor)] = () => Keep(new Predictor(NewNetwork(), Keep(new ManagedBackend()))),
            [typeof(TrainerOptions)] = () => new TrainerOptions { Epochs = 1, BatchSize = 2 },
            [typeof(Trainer)] = NewTrainer,
            [typeof(Checkpoint)] = () =>
            {
                string path = Path.Combine(_folder, "c");
                var saving = new Saving(NewTrainer(), path);
                saving.Trainer.Train(SyntheticDigits.CreateTrain(4), null, saving);
                return Checkpoint.Open(path);
            },
            [typeof(ObserverList)] = () => new ObserverList(new Observer()),
            [typeof(CheckpointKeeper)] = () => new CheckpointKeeper(NewTrainer(), Path.Combine(_folder, "checkpoints")),
            [typeof(GradientClipping)] = () => GradientClipping.ByNorm(1),
            [typeof(IReadOnlyList<Milestone>)] = () => (Milestone[])[new(1, 0.5), new(2, 0.25)],
            [typeof(LossSecondDerivatives)] = () => new LogisticCrossEntropySecondDerivatives(Small),
            [typeof(Schedule)] = () => new StepSchedule(1),
            [typeof(OneCycleSchedule)] = () => new OneCycleSchedule(),
            [typeof(ITrainingObserver)] = () => new Observer(),
            [typeof(IProgress<ComparisonProgress>)] = () => new Progress<ComparisonProgress>(),
            [typeof(ComparisonOptions)] = () =>
                new ComparisonOptions
                {
                    Steps = 1,
                    Training = new() { BatchSize = 2 },
                },
            [typeof(JsonElement)] = () => JsonDocument.Parse("""{"a":1}""").RootElement,
            [typeof(Utf8JsonWriter)] = () =>
            {
                Utf8JsonWriter json = new(Stream.Null);
                json.WriteStartObject();
                return json;
            },
            [typeof(Action<Stream>)] = () => (Stream stream) => stream.WriteByte(1),
            [typeof(Action<string>)] = () => (string _) => { },
            [typeof(LayerOptions)] = () => new LayerOptions(JsonDocument.Parse("""{"a":1}""").RootElement),
            [typeof(Func<LayerOptions, Layer>)] = () => (LayerOptions _) => new Flatten(),
            [typeof(Func<IReadOnlyDictionary<string, string>>)] = () =>
                (Func<IReadOnlyDictionary<string, string>>)(() => new Dictionary<string, string> { ["a"] = "b" }),
            [typeof(Func<UpdateOperation, Operation>)] = () => (UpdateOperation update) => update,
        };
    }

    public void Dispose()
    {
        ((IEnumerable<IDisposable>)_made).Reverse().ToList().ForEach(made => made.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Something of a type that is right, or at least whole.</summary>
    public object? Right(Type type)
    {
        Type inner = Nullable.GetUnderlyingType(type) ?? type;
        if (_right.TryGetValue(inner, out Func<object>? make))
            return make();
        if (inner.IsEnum)
            return Enum.GetValues(inner).GetValue(0);
        if (ElementOf(inner) is { } element)
        {
            var array = Array.CreateInstance(element, 2);
            for (int i = 0; i < array.Length; i++)
                array.SetValue(Right(element), i);
            return array;
        }
        if (inner.IsGenericType && inner.Name.StartsWith("IReadOnlyDictionary", StringComparison.Ordinal))
            return new Dictionary<string, string> { ["a"] = "b" };
        ConstructorInfo? constructor =
            inner.GetConstructors().MinBy(c => c.GetParameters().Length)
            ?? (
                inner.IsValueType
                    ? null
                    : throw new InvalidOperationException($"{inner} has no row in the table of {nameof(Arguments)}.")
            );
        if (constructor is null)
            return Activator.CreateInstance(inner);
        object made = constructor.Invoke([
            .. constructor.GetParameters().Select(parameter => Right(Invoker.ArgumentType(parameter.ParameterType))),
        ]);
        return made is IDisposable disposable ? Keep(disposable) : made;
    }

    /// <summary>What may be wrong in the place of something of a type.</summary>
    public IEnumerable<object?> Wrong(Type type)
    {
        if (!type.IsValueType || Nullable.GetUnderlyingType(type) is not null)
            yield return null;
        Type inner = Nullable.GetUnderlyingType(type) ?? type;
        object?[] values =
            inner == typeof(int) ? [int.MaxValue, int.MinValue, -1, 0, 46341]
            : inner == typeof(long) ? [long.MaxValue, long.MinValue, -1L, 0L, 1L << 62]
            : inner == typeof(ulong) ? [0UL, ulong.MaxValue]
            : inner == typeof(float) ? [float.NaN, float.PositiveInfinity, float.MaxValue, -1f, 0f]
            : inner == typeof(double) ? [double.NaN, double.NegativeInfinity, double.MaxValue, -1.0, 0.0]
            : inner == typeof(string) ? ["", "\0", " ", "\ud800", _folder, "/dev/null"]
            : inner == typeof(TimeSpan) ? [TimeSpan.MinValue, TimeSpan.Zero]
            : inner == typeof(Shape) ? [default(Shape), Huge, new Shape(1, 1, 1, 1), new Shape(1, 1, 1, int.MaxValue)]
            : inner == typeof(Size2) ? [default(Size2), new Size2(int.MaxValue, int.MaxValue), new Size2(-1, 1)]
            : inner == typeof(Padding) ? [Padding.All(int.MaxValue), Padding.All(int.MinValue), Padding.All(-1)]
            : inner == typeof(Activation)
                ?
                [
                    new Activation((ActivationKind)99),
                    new Activation(ActivationKind.ScaledTanh, 0),
                    Activation.Absolute,
                ]
            : inner.IsEnum ? [Enum.ToObject(inner, 99), Enum.ToObject(inner, -1)]
            : inner.IsValueType ? [Activator.CreateInstance(inner)]
            : [];
        foreach (object? value in values)
            yield return value;
        if (ElementOf(inner) is { } element)
        {
            yield return Array.CreateInstance(element, 0);
            foreach (object? wrong in Wrong(element))
            {
                var array = (Array)Right(inner)!;
                array.SetValue(wrong, 1);
                yield return array;
            }
        }
        else if (typeof(IDisposable).IsAssignableFrom(inner) && Right(inner) is IDisposable disposed)
        {
            // Disposed, and another network's or backend's.
            disposed.Dispose();
            yield return disposed;
            yield return Right(inner);
        }
    }

    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0]
        : null;

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }

    private string Written(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private Trainer NewTrainer() =>
        Keep(new Trainer(NewNetwork(), Keep(new ManagedBackend()), new TrainerOptions { Epochs = 1, BatchSize = 2 }));

    private Network NewNetwork() => Keep(NetworkBuilder.Start(28, 28, 1).MaxPooling(7).Dense(10).Build());

    private Capturing Captured()
    {
        var layer = new Capturing();
        Network network = Keep(NetworkBuilder.Start(4, 4, 2).Dense(3).Add(layer).Build());
        Keep(network.Compile(Keep(new ManagedBackend()), 2, Phase.Training));
        return layer;
    }

    private sealed class Saving(Trainer trainer, string path) : ITrainingObserver
    {
        public Trainer Trainer => trainer;

        public void BatchFinished(in TrainingProgress progress) { }

        public void EpochFinished(EpochRecord epoch) => trainer.SaveCheckpoint(path);
    }

    private sealed class Capturing : Layer
    {
        public LayerContext Context { get; private set; } = null!;

        public override string Kind => "capturing";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Forward(LayerContext context)
        {
            Context = context;
            context.Call(new ActivationForward(Activation.Relu, context.Input.Shape), context.Input, context.Output);
        }

        public override void Backward(LayerContext context) => context.PassGradient(0, context.OutputGradient);
    }

    private sealed class Observer : ITrainingObserver
    {
        public void BatchFinished(in TrainingProgress progress) { }

        public void EpochFinished(EpochRecord record) { }
    }
}
