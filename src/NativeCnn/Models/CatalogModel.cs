using NativeCnn.Data;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;

namespace NativeCnn.Models;

/// <summary>
/// A network of the <see cref="ModelCatalog"/>: how it is built, what it is given and how it is trained where nobody
/// says otherwise.
/// </summary>
public sealed record CatalogModel
{
    private readonly Func<Shape, int, Node> _describe;
    private readonly Func<TrainerOptions> _training;

    /// <param name="name">What the command calls it.</param>
    /// <param name="describe">Its layers for an input and a number of classes.</param>
    /// <param name="training">Makes the options that it is trained with; LeNet's if null.</param>
    internal CatalogModel(string name, Func<Shape, int, Node> describe, Func<TrainerOptions>? training = null)
    {
        Name = name;
        _describe = describe;
        _training = training ?? DefaultTraining;
    }

    /// <summary>What the command calls it.</summary>
    public string Name { get; }

    /// <summary>The input that it was published with, 1×H×W×C; MNIST's by default.</summary>
    public Shape Example { get; internal init; } = new(1, 28, 28, 1);

    /// <summary>The classes that it was published with; 10 by default.</summary>
    public int Classes { get; internal init; } = 10;

    /// <summary>What becomes of the examples of a data set before it sees them; nothing by default.</summary>
    public ExampleTransform Examples { get; internal init; } = ExampleTransform.None;

    /// <summary>
    /// The data that it is trained on unless others are named, as <see cref="DataSource.Open"/> takes them.
    /// </summary>
    public string Data { get; internal init; } = DefaultData;

    /// <summary>
    /// The options that it is trained with: loss and targets, optimiser and rate, schedule, epochs, batch size. Made
    /// anew each time, since an optimiser can be changed.
    /// </summary>
    public TrainerOptions Training => _training();

    /// <summary>Builds the network with initialised parameters.</summary>
    /// <param name="example">The input of one example, 1×H×W×C.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="seed">The seed of the initial values.</param>
    /// <exception cref="ShapeException">The examples are too small for the model.</exception>
    public Network Create(Shape example, int classes, ulong seed = 1)
    {
        Network network = CreateWithoutValues(example, classes);
        network.Initialize(seed);
        return network;
    }

    /// <summary>As <see cref="Create"/>, before the parameters have values and memory: what a summary needs.</summary>
    internal Network CreateWithoutValues(Shape example, int classes) =>
        _describe(example, classes).BuildWithoutValues(Name);

    /// <summary>The data of a network that says nothing else.</summary>
    internal const string DefaultData = "digits";

    /// <summary>How a network that says nothing else is trained.</summary>
    internal static TrainerOptions DefaultTraining() =>
        new()
        {
            Epochs = 5,
            Optimizer = new Optimizers.Sgd
            {
                LearningRate = 0.01f,
                Momentum = 0.9f,
                WeightDecay = 5e-4f,
            },
        };
}
