namespace NativeCnn.Reference;

/// <summary>What the pages say that no class could.</summary>
internal static class Prose
{
    public const string Layers = """
        # Layers

        What every layer computes: formula, gradient, shapes, options with their defaults, what it refuses, and what becomes
        of NaN and infinity. How to add one is in [adding.md](adding.md); losses, optimisers, schedules and initialisers are
        in [learning.md](learning.md).

        Shapes are batch × height × width × channels, N×H×W×C; a signal has height 1, a vector height and width 1. x is a
        layer's input, y its output, dx and dy the gradients of the loss with respect to them; a gradient of a parameter is
        the sum over batch and positions, over every place where it is used. The examples read 1×8×8×4. Every constant is
        checked where it is given, every shape when the layer is added to a network: the message names the layer, what it
        reads and the rule. Options in JSON are the members of the layer's object in a model file.

        Sources: [000] A. Torralba, lecture "Pyramids; learned feedforward visual processing", 2016; [001] A.
        Mendez-Vazquez, lecture "Convolutional networks", 2019; [002] lecture slides on AlexNet, VGG, ResNet and batch
        normalisation; [003] course notes "Convolutional neural networks"; [004] J. Bouvrie, "Notes on convolutional neural
        networks", 2006. Where their formulas are mis-set, the ones here are meant.

        """;

    public const string Pictures = """

        """;

    public const string Learning = """
        # Learning

        Losses, penalties, optimisers, schedules, initialisers and clipping: what each computes, and its options with their
        defaults. What layers compute is in [layers.md](layers.md).

        """;
}
