using System.Globalization;
using NativeCnn.Stress;

// Each program runs for some seconds, prints one line about what it did and one for each kind of fault, and exits with
// 1 if there was any. A crash or a hang is a fault of the engine too: the tests start it as a process of its own.
const string Usage = """
    usage: NativeCnn.Stress PROGRAM [AMOUNT]

      predict [COUNT]      8 threads ask one predictor COUNT times each (100000), then predictors of one backend
      dispose [SECONDS]    everything that can be disposed is, while another thread uses it (10)
      collect [SECONDS]    single operations, training and prediction while another thread collects garbage (10)
      interrupt [SECONDS]  a thread is interrupted in the midst of operations and training steps (10)
      compile [SECONDS]    several threads are the first to ask for one network's values (10)
      abandon [COUNT]      COUNT backends and loaders are dropped without being disposed (100)
      onednn [COUNT]       oneDNN's primitives are prepared and dropped with COUNT backends (1000)
    """;

(string Name, int Amount, Action<int, Faults> Run)[] programs =
[
    ("predict", 100_000, Predictions.Run),
    ("dispose", 10, Disposal.Run),
    ("collect", 10, Collection.Run),
    ("interrupt", 10, Interruption.Run),
    ("compile", 10, FirstUse.Run),
    ("abandon", 100, Abandonment.Run),
    ("onednn", 1000, OneDnnPrimitives.Run),
];
int chosen = args.Length is 1 or 2 ? Array.FindIndex(programs, program => program.Name == args[0]) : -1;
int amount = chosen < 0 ? 0 : programs[chosen].Amount;
bool isNumber = args.Length < 2 || int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out amount);
if (chosen < 0 || !isNumber || amount < 1)
{
    Console.Error.WriteLine(Usage);
    return 2;
}
var faults = new Faults(programs[chosen].Name);
faults.RunTogether(() => programs[chosen].Run(amount, faults));
return faults.Report() ? 1 : 0;
