using NativeCnn.Models;
using NativeCnn.Tensors;

namespace NativeCnn.Cli;

/// <summary>Models by name, with the mistakes of a user told in the user's words.</summary>
internal static class Catalogue
{
    /// <exception cref="CommandException">No model has this name.</exception>
    public static void Check(string model)
    {
        if (!ModelCatalog.Names.Contains(model))
            throw CommandException.Usage(
                $"the model {model} is not known. Use one of: {string.Join(", ", ModelCatalog.Names)}."
            );
    }

    /// <summary>The examples and the number of classes that a model was published with.</summary>
    public static (Shape Example, int Classes) Natural(string model) =>
        model == "lenet" ? (new Shape(1, 28, 28, 1), 10) : (new Shape(1, 224, 224, 3), 1000);
}
